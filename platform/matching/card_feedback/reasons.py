"""Why a card is not for somebody: closed, and never asked as a must. Pure."""

from collections.abc import Mapping

VERDICTS = ("for_me", "not_for_me")
REASONS: Mapping[str, str] = {
    "price": "It costs too much.",
    "times": "The times do not suit me.",
    "way_of_meeting": "The way or the place of meeting does not suit me.",
    "approach": "I would like another way of working.",
    "experience": "I want somebody who knows more about what I come for.",
    "background": "I would like somebody with another background.",
    "words": "Their words do not speak to me.",
    "known": "I know them, or of them.",
    "chose_other": "I chose somebody else.",
    "other": "Another reason.",
}
