"""Why a guide suggests somebody: a few closed reasons, said to the person, and a short note that promises nothing. Pure."""

from therapists.advertising import hints_in

REASONS = {
    "works_with_this": "They work with what you are looking for help with.",
    "way_of_working": "Their way of working may suit what you told us.",
    "times": "They have time when you do.",
    "price": "Their fee is within what you can pay.",
    "language_or_format": "They work in the language and format that you need.",
    "soon": "They have time soon.",
    "something_different": "They work differently from the others, which may be worth considering.",
}
LONGEST_NOTE = 300
MOST_CARDS = 5
# What nobody may promise about therapy, also not a guide about somebody else's.
PROMISES = frozenset({"cure", "guarantee", "superlative", "testimonial", "conversion"})


def promise_in(note: str) -> str | None:
    """The piece of a note that promises something, or None."""
    return next((hint.words for hint in hints_in(note) if hint.code in PROMISES), None)
