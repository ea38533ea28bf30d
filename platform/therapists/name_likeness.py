"""How alike the name on a claim and the name on the register are. Pure.

A likeness helps a person to decide and decides nothing: a name that is not the same never becomes active by one pair of eyes.
"""

import re
import unicodedata

from rapidfuzz import fuzz

TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "mx", "miss"})
# Below this the names differ: a change of name may explain it, and two people have to see that.
SAME_FROM = 90


def folded(name: str) -> str:
    """Small letters without accents, punctuation and titles, words in alphabetical order: ``MÜLLER, Dr. Eva`` and ``Eva Muller`` are one."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", name) if not unicodedata.combining(letter)).casefold()
    return " ".join(sorted(word for word in re.split(r"[^\w]+", plain) if word and word not in TITLES))


def likeness(claimed: str, found: str) -> int:
    """0 to 100, with 100 only for names that fold to the same; an empty name is like nothing."""
    one, other = folded(claimed), folded(found)
    if not one or not other:
        return 0
    return 100 if one == other else min(99, int(fuzz.ratio(one, other)))


def is_same_name(claimed: str, found: str) -> bool:
    """Whether the names are near enough for one pair of eyes."""
    return likeness(claimed, found) >= SAME_FROM
