"""The way through the screens: which comes before and after which. Pure."""

from collections.abc import Mapping
from typing import Any

from matching.answers import is_joint
from matching.questionnaire import FIRST_SCREENS, REFINEMENTS, SCREEN_BY_NAME, Field, Screen
from matching.safety import DIRECT_QUESTIONS

PAGE = "find"
CHECK, LIST = "check", "list"
# The first is the consent, which has a page of its own; the last shows what was answered.
ASKED = tuple(screen.name for screen in FIRST_SCREENS if screen.fields)
REFINING = tuple(screen.name for screen in REFINEMENTS)
FOR_SEVERAL = frozenset({"others_places", "all_adults"})


def page_of(name: str) -> str:
    """The address of a screen, or of the list."""
    return f"/{PAGE}/{name}"


def before(name: str) -> str:
    """Where "back" leads."""
    if name in REFINING:
        return page_of(LIST)
    at = ASKED.index(name)
    return page_of(ASKED[at - 1]) if at else f"/{PAGE}"


def after(name: str) -> str:
    """Where "go on" leads."""
    return page_of(ASKED[ASKED.index(name) + 1]) if name in ASKED[:-1] else page_of(LIST)


def place_in_order(name: str) -> str | None:
    """Such as "3 of 8"; None for what only refines a list."""
    return f"{ASKED.index(name) + 1} of {len(ASKED)}" if name in ASKED else None


def fields_shown(screen: Screen, answers: Mapping[str, Any], *, ask_directly: bool, has_read: bool) -> tuple[Field, ...]:
    """What this person is asked on the screen: others are asked about where there are others, the direct questions come where the plain ones lead to them,
    and what nobody offers is confirmed as read where it was asked for (`has_read`).
    """
    joint = bool(answers.get("for_whom")) and is_joint(answers)
    held = {name for name in DIRECT_QUESTIONS if answers.get(name) is not None}

    def is_shown(field: Field) -> bool:
        if field.name in FOR_SEVERAL:
            return joint
        if field.name in DIRECT_QUESTIONS:
            return ask_directly or field.name in held
        return field.name != "not_offered_read" or has_read

    return tuple(field for field in screen.fields if is_shown(field))


def screen_named(name: str) -> Screen | None:
    """A screen that has a page here: with questions, and not the last one."""
    screen = SCREEN_BY_NAME.get(name)
    return screen if screen is not None and screen.fields else None
