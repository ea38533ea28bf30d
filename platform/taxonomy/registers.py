"""Bodies and numbers: which register a text may mean, what its numbers look like, and the check digit of an NPI. Pure.

A shape is a hint for typing. It never verifies anybody, and only a shape whose source was read may refuse a number. A verification is a record of a
person's look at the register, and is not kept here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from rapidfuzz import fuzz, process

from taxonomy.terms import CredentialType, Register
from taxonomy.vocabulary import Vocabulary, vocabulary
from taxonomy.words import phrase

Shape = Literal["fits", "differs", "unknown"]
# The issuer prefix of US health care identifiers, ISO/IEC 7812: it takes part in the check digit and is not written.
NPI_PREFIX = "80840"
LONGEST_NAME = 200
# Scores of a suggestion that is not the whole text: a near name, a name inside a longer text.
NEAR, NAMED_INSIDE = 0.9, 0.8


@dataclass(frozen=True)
class RegisterSuggestion:
    """`exact`: the text is a name of this register or of a title on it. `reason` is set when the body cannot stand behind a badge."""

    register: str
    label: str
    kind: str
    credential_type: str | None
    score: float
    exact: bool
    reason: str | None


def npi_is_valid(number: str) -> bool:
    """Ten digits, the first 1 or 2, Luhn over 80840 and all ten. It names a provider and licenses nobody."""
    if not re.fullmatch(r"[12][0-9]{9}", number):
        return False
    digits = [int(digit) for digit in reversed(NPI_PREFIX + number)]
    doubled = (2 * digit for digit in digits[1::2])
    return (sum(digits[::2]) + sum(each - 9 if each > 9 else each for each in doubled)) % 10 == 0


def normal_number(number: str) -> str:
    """As registers print it: capitals, no blanks, ordinary digits and hyphens."""
    plain = unicodedata.normalize("NFKC", number).translate(str.maketrans("‐‑‒–—", "-----"))
    return "".join(plain.split()).upper()


def shape_of(register: str, number: str, *, credential_type: str | None = None) -> Shape:
    """Whether a number looks like one of this register; `unknown` where no shape is known or the register is not. KeyError for an unknown register."""
    body = vocabulary().registers[register]
    written = normal_number(number)
    if body.slug == "npi":
        return "fits" if npi_is_valid(written) else "differs"
    shape, _ = _shape(body, body.credential_type(credential_type or ""))
    if shape is None:
        return "unknown"
    return "fits" if re.fullmatch(shape, written, re.ASCII) else "differs"


def may_refuse(register: str, *, credential_type: str | None = None) -> bool:
    """Whether the shape was read at the body itself, so that a number that differs may be refused; otherwise a person looks."""
    body = vocabulary().registers[register]
    return _shape(body, body.credential_type(credential_type or ""))[1]


def _shape(body: Register, title: CredentialType | None) -> tuple[str | None, bool]:
    if title is not None and title.number_shape is not None:
        return title.number_shape, title.shape_is_sourced
    return body.number_shape, body.number_shape is not None and body.shape_is_sourced


def suggest_registers(text: str, *, limit: int = 5, within: Vocabulary | None = None) -> tuple[RegisterSuggestion, ...]:
    """Registers that a body's name, short form or title may mean, the most likely first; empty when nothing is near. Of a long text the beginning is read."""
    known = within or vocabulary()
    names = _names(known)
    words = phrase(text[:LONGEST_NAME])
    wanted = " ".join(words)
    scored = [(wanted, 1.0)] + [(each, NAMED_INSIDE) for each in _pieces(words)]
    if len(wanted) > 2:
        near = process.extract(wanted, list(names), scorer=fuzz.token_sort_ratio, score_cutoff=76, limit=20)
        scored += [(name, NEAR * score / 100) for name, score, _ in near]
    best: dict[tuple[str, str | None], RegisterSuggestion] = {}
    for name, score in sorted(scored, key=lambda each: -each[1]):
        for found in _suggestions(known, names.get(name, ()), score):
            if found.exact or not any(register == found.register for register, _ in best):
                best.setdefault((found.register, found.credential_type), found)
    ordered = sorted(best.values(), key=lambda each: (-each.score, each.register, each.credential_type or ""))
    return tuple(ordered[: max(limit, 0)])


def _pieces(words: tuple[str, ...]) -> Iterator[str]:
    """Every run of up to eight words: a body may be named inside a sentence."""
    for length in range(min(len(words) - 1, 8), 0, -1):
        for start in range(len(words) - length + 1):
            yield " ".join(words[start : start + length])


def _suggestions(known: Vocabulary, meant: tuple[tuple[str, str | None, bool], ...], score: float) -> Iterator[RegisterSuggestion]:
    for slug, title, is_name in meant:
        body = known.registers[slug]
        exact = is_name and score == 1.0
        yield RegisterSuggestion(slug, body.label, body.kind, title, round(score if exact else min(score, NEAR), 4), exact, body.reason)


@lru_cache(maxsize=4)
def _names(known: Vocabulary) -> dict[str, tuple[tuple[str, str | None, bool], ...]]:
    """Folded name -> (register, title, is a name of it)."""
    names: dict[str, list[tuple[str, str | None, bool]]] = {}

    def add(text: str, slug: str, title: str | None, *, is_name: bool = True) -> None:
        meant = names.setdefault(" ".join(phrase(text)), [])
        if (slug, title, is_name) not in meant:
            meant.append((slug, title, is_name))

    for slug, body in known.registers.items():
        for name in (body.label, *body.aliases, slug.replace("_", " ")):
            add(name, slug, None)
        for hint in body.hints:
            add(hint, slug, None, is_name=False)
        for title in body.credential_types:
            for name in (title.label, *title.aliases):
                add(name, slug, title.slug)
    return {name: tuple(meant) for name, meant in names.items()}
