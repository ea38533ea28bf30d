"""Which passwords are refused: too short, too long, or made of what everybody guesses first. Pure.

Fifteen characters at least, because the password is the only factor until a second one exists (NIST SP 800-63B-4, 3.1.1.2: 15 when it stands alone,
8 beside another factor); whoever adds the second factor may lower it for those who use it. At most 128. No rule about kinds of characters and no forced
change: both make passwords worse. What remains after the guessable parts are taken away must still be something.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

SHORTEST, LONGEST = 15, 128
# So many characters must not belong to a common word, a row of keys, a run, a year or the person's own name and address.
UNGUESSABLE = 6
COMMON = Path(__file__).with_name("common_passwords.txt")
REPEATED = re.compile(r"(.)\1{2,}")
YEAR = re.compile(r"(?:19|20)\d\d")
RUNS = ("01234567890", "abcdefghijklmnopqrstuvwxyz")
SHORTEST_PART = 4
LOOKALIKES = str.maketrans({"@": "a", "0": "o", "1": "l", "3": "e", "$": "s", "5": "s", "7": "t", "!": "i"})


def normal(password: str) -> str:
    """The same password however a keyboard composes its characters (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def refusal(password: str, *, personal: Iterable[str] = ()) -> str | None:
    """A sentence for the person, or None for a password that is taken. `personal`: their address, their name; length counts code points."""
    password = normal(password)
    if len(password) < SHORTEST:
        return f"Use at least {SHORTEST} characters. Four or five random words do well."
    if len(password) > LONGEST:
        return f"Use at most {LONGEST} characters."
    if _remainder(password, personal) < UNGUESSABLE:
        return "This is among the first that others would guess. Use words that nobody connects with you."
    return None


def _remainder(password: str, personal: Iterable[str]) -> int:
    """How many different characters are left when everything guessable is taken away."""
    folded = password.casefold()
    own = {part for text in personal for part in re.split(r"[^\w]+", text.casefold()) if len(part) >= SHORTEST_PART}
    parts = sorted(_common() | own, key=len, reverse=True)
    return min(len(set(_without(variant, parts))) for variant in (folded, folded.translate(LOOKALIKES)))


def _without(text: str, parts: Iterable[str]) -> str:
    for part in parts:
        text = text.replace(part, " ")
    for run in RUNS:
        text = _without_runs(text, run)
        text = _without_runs(text, run[::-1])
    text = YEAR.sub(" ", REPEATED.sub(" ", text))
    return "".join(letter for letter in text if letter.isalnum())


def _without_runs(text: str, run: str) -> str:
    for length in range(len(run), SHORTEST_PART - 1, -1):
        for start in range(len(run) - length + 1):
            text = text.replace(run[start : start + length], " ")
    return text


@cache
def _common() -> frozenset[str]:
    """Words, rows of keys and whole phrases of the file; a line that starts with # is a comment."""
    lines = (line.strip().casefold() for line in COMMON.read_text().splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
