"""Text to comparable words: case, accents, apostrophes and the common spelling pairs are folded away. Pure."""

import re
import unicodedata
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
APOSTROPHES = str.maketrans("", "", "'’ʼ")
IZE = re.compile(r"iz(?=(?:e|ed|es|er|ing|ation|ations)$)")
SPELLINGS = {
    "behavior": "behaviour",
    "behaviors": "behaviours",
    "behavioral": "behavioural",
    "counseling": "counselling",
    "counselor": "counsellor",
    "counselors": "counsellors",
    "centered": "centred",
    "program": "programme",
    "programs": "programmes",
    "favorite": "favourite",
    "license": "licence",
    "licensed": "licenced",
    "aging": "ageing",
}


@dataclass(frozen=True)
class Word:
    """One folded word and where it stood: ``text[start:end]``. `capitals`: it was written in capitals only and has at least two letters."""

    folded: str
    start: int
    end: int
    capitals: bool


def fold(word: str) -> str:
    """``Généralized`` becomes ``generalised``, ``can't`` becomes ``cant``."""
    plain = unicodedata.normalize("NFKD", word.translate(APOSTROPHES).casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return SPELLINGS.get(letters) or IZE.sub("is", letters)


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order; signs and line ends only separate."""
    found = (Word(fold(match.group()), match.start(), match.end(), len(match.group()) > 1 and match.group().isupper()) for match in TOKEN.finditer(text))
    return tuple(word for word in found if word.folded)


def phrase(text: str) -> tuple[str, ...]:
    """The folded words alone: what two spellings of one alias have in common."""
    return tuple(word.folded for word in words_of(text))
