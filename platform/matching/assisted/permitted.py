"""What a matching guide may read of an intake: nothing without the person's consent, and with it what a list is made from. Pure.

Never what was answered about safety, what was tried or taken before, or anybody's own words: a guide is no clinician.
"""

from typing import Any

from matching.answers import Answers

PURPOSE = "share_with_guide"
READABLE = (
    "for_whom",
    "place",
    "age_band",
    "main_concern",
    "about_whom",
    "goals",
    "other_concerns",
    "languages",
    "identity",
    "modalities",
    "access",
    "modes",
    "town",
    "hours",
    "ceiling",
    "ceiling_firm",
    "concession",
    "insurer",
    "led",
    "intensity",
    "past",
    "warmth",
    "homework",
    "pace",
    "frequency",
    "course_length",
    "emphasis",
)


def permitted(answers: Answers, *, agreed: bool) -> dict[str, Any]:
    """The answers that may be read, by field; empty unless the person has `agreed`."""
    return {name: answers[name] for name in READABLE if name in answers} if agreed else {}
