"""Whether somebody's own words make us ask the plain question about thoughts of ending their life, or about harm. Pure.

The only answer is yes or no: nothing is counted, weighed or kept of what was written. When in doubt it asks; asking hurts nobody, and the three plain
questions are asked of everybody anyway. Phrases and contexts are data (data/crisis_words.json) for English, Spanish and German, all of which are looked
for in every text: people mix languages. What says something else: a plain no, the death of somebody else, somebody else's words, a figure of speech.
Something that happened long ago is asked about like something of today.
"""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from taxonomy.words import words_of

DATA = Path(__file__).with_name("data") / "crisis_words.json"
STOP = "."  # stands between two sentences
SENTENCE_END = re.compile(r"[.!?;\n…]")
QUOTED = re.compile(r"“[^”\n]*”|\"[^\"\n]*\"|«[^»\n]*»|„[^“”\n]*[“”]|‘(?:[^’\n]|’(?=\w))*’(?!\w)|(?<!\w)'(?:[^'\n]|(?<=\w)'(?=\w))*'(?!\w)")
# A quotation belongs to whoever is named so shortly before or after it.
NEAR_A_QUOTATION = 60


@dataclass(frozen=True)
class _Language:
    asks: re.Pattern[str]
    negation: re.Pattern[str]
    other_meaning: re.Pattern[str]
    but: frozenset[str]
    quoting: re.Pattern[str]


@dataclass(frozen=True)
class _Read:
    """A text as folded words with a blank between them, and for each word where it stands there and in the original."""

    joined: str
    folded: Sequence[tuple[int, int]]
    original: Sequence[tuple[int, int]]


def asks_about_safety(text: str) -> bool:
    """Whether these words make us ask."""
    read = _read(text)
    quoted = [match.span() for match in QUOTED.finditer(text)]
    return any(_asks(language, read, text, quoted) for language in _languages())


def _asks(language: _Language, read: _Read, text: str, quoted: Sequence[tuple[int, int]]) -> bool:
    found = [match.span() for match in language.asks.finditer(read.joined)]
    if not found:
        return False
    elsewhere = [match.span() for match in language.other_meaning.finditer(read.joined)]
    elsewhere += [match.span() for match in language.negation.finditer(read.joined) if not _is_taken_back(language, read, match.span())]
    return any(
        not any(start < other[1] and end > other[0] for other in elsewhere) and not _is_somebody_elses(language, read, text, quoted, (start, end))
        for start, end in found
    )


def _is_taken_back(language: _Language, read: _Read, span: tuple[int, int]) -> bool:
    """A no with a but, or only for now, is no no."""
    start = read.joined.rfind(f" {STOP} ", 0, span[0]) + 1
    end = read.joined.find(f" {STOP} ", span[1])
    sentence = read.joined[start : end if end >= 0 else len(read.joined)]
    return not language.but.isdisjoint(sentence.split())


def _is_somebody_elses(language: _Language, read: _Read, text: str, quoted: Sequence[tuple[int, int]], span: tuple[int, int]) -> bool:
    """Inside quotation marks, and somebody else is named as the speaker beside them."""
    inside = [original for folded, original in zip(read.folded, read.original, strict=True) if folded[0] >= span[0] and folded[1] <= span[1]]
    if not inside:
        return False
    around = next(((start, end) for start, end in quoted if start <= inside[0][0] and inside[-1][1] <= end), None)
    if around is None:
        return False
    beside = text[max(0, around[0] - NEAR_A_QUOTATION) : around[0]] + " " + text[around[1] : around[1] + NEAR_A_QUOTATION]
    return language.quoting.search("".join(f"{word.folded} " for word in words_of(beside))) is not None


def _read(text: str) -> _Read:
    parts: list[str] = []
    folded, original, at, before = [], [], 0, 0
    for word in words_of(text):
        if SENTENCE_END.search(text, before, word.start):
            parts.append(STOP)
            at += len(STOP) + 1
        parts.append(word.folded)
        folded.append((at, at + len(word.folded)))
        original.append((word.start, word.end))
        at, before = at + len(word.folded) + 1, word.end
    return _Read(" ".join(parts) + " ", folded, original)


@cache
def _languages() -> tuple[_Language, ...]:
    return tuple(_language(row) for row in json.loads(DATA.read_text())["languages"].values())


def _language(row: Mapping[str, object]) -> _Language:
    classes = {"@other": str(row["other"]), "@said": str(row["said"])}
    return _Language(
        asks=_any_of(row["asks"], classes),  # type: ignore[arg-type]
        negation=_any_of(row["negation"], classes),  # type: ignore[arg-type]
        other_meaning=_any_of([*row["about_somebody_else"], *row["figure_of_speech"]], classes),  # type: ignore[misc]
        but=frozenset(str(row["but"]).split("|")),
        quoting=_any_of(["@other * @said"], classes),
    )


def _any_of(phrases: Sequence[str], classes: Mapping[str, str]) -> re.Pattern[str]:
    # Each phrase ends its places with a blank, so the text is searched with one at its end.
    return re.compile(rf"(?<!\S)(?:{'|'.join(_phrase(each, classes) for each in phrases)})")


def _phrase(phrase: str, classes: Mapping[str, str]) -> str:
    return "".join(_place(place, classes) for place in phrase.split())


def _place(place: str, classes: Mapping[str, str]) -> str:
    if place == "*":
        return rf"(?:[^\s{STOP}]+ ){{0,3}}"
    words = [word for named in place.rstrip("?").split("|") for word in classes.get(named, named).split("|")]
    either = "|".join(re.escape(word.rstrip("~")).replace("_", " ") + (r"\S*" if word.endswith("~") else "") for word in words)
    return f"(?:(?:{either}) )" + ("?" if place.endswith("?") else "")
