"""One must gives way because the person said so: it becomes a strong wish, or a ceiling that is not firm, and stays in their answers. Pure.

The same change as `wishes.relaxed`, which the counts beside a list come from, so that accepting one delivers exactly that many.
"""

from collections.abc import Mapping
from typing import Any

from core.errors import NotFound
from matching.questionnaire import SCREEN_BY_NAME

SOFTER: Mapping[str, tuple[str, str, Any]] = {
    "price": ("price", "ceiling_firm", None),
    "times": ("format_and_times", "hours_strength", "strong"),
    "format": ("format_and_times", "modes_strength", "strong"),
}
LISTS: Mapping[str, str] = {"language": "languages", "modality": "modalities", "identity": "identity", "access": "access"}


def softened(answers: Mapping[str, Any], wish: str) -> tuple[str, dict[str, Any]]:
    """The screen that the wish stands on, and its answers with this wish softened. NotFound for a wish that is not there."""
    if wish in SOFTER:
        screen, field, value = SOFTER[wish]
        return screen, {**_on(screen, answers), field: value}
    kind, _, number = wish.partition(":")
    field = LISTS.get(kind, "")
    held = list(answers.get(field) or ())
    if not number.isdecimal() or not number.isascii() or len(number) > 2 or int(number) >= len(held):
        raise NotFound
    held[int(number)] = {**held[int(number)], "strength": "strong"}
    return "musts", {**_on("musts", answers), field: held}


def _on(screen: str, answers: Mapping[str, Any]) -> dict[str, Any]:
    return {field.name: answers[field.name] for field in SCREEN_BY_NAME[screen].fields if answers.get(field.name) is not None}
