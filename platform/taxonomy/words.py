"""Text to comparable words: case, accents, apostrophes and the common spelling pairs are folded away. Pure."""

import re
import unicodedata
from dataclasses import dataclass

TOKEN = re.compile(r"[^\W_]+(?:['’ʼ][^\W_]+)*")
POSSESSIVE = re.compile(r"['’ʼ]s$", re.IGNORECASE)
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
    "cannot": "cant",
}
# Two words that people also write as one; what is written apart is read as the short form.
TOGETHER = {
    ("can", "not"): "cant",
    ("do", "not"): "dont",
    ("does", "not"): "doesnt",
    ("did", "not"): "didnt",
    ("will", "not"): "wont",
    ("is", "not"): "isnt",
    ("i", "am"): "im",
}


@dataclass(frozen=True)
class Word:
    """One folded word and where it stood: ``text[start:end]``. `capitals`: it was written in capitals only and has at least two letters."""

    folded: str
    start: int
    end: int
    capitals: bool


def fold(word: str) -> str:
    """``Généralized`` becomes ``generalised``, ``can't`` becomes ``cant``, ``husband's`` becomes ``husband``."""
    plain = unicodedata.normalize("NFKD", POSSESSIVE.sub("", word).translate(APOSTROPHES).casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each))
    return SPELLINGS.get(letters) or IZE.sub("is", letters)


def words_of(text: str) -> tuple[Word, ...]:
    """The words of a text in order; signs and line ends only separate. ``do not`` is one word, the same as ``don't``."""
    words: list[Word] = []
    for match in TOKEN.finditer(text):
        folded, capitals = fold(match.group()), len(match.group()) > 1 and match.group().isupper()
        if words and (short := TOGETHER.get((words[-1].folded, folded))):
            words[-1] = Word(short, words[-1].start, match.end(), capitals)
        elif folded:
            words.append(Word(folded, match.start(), match.end(), capitals))
    return tuple(words)


def phrase(text: str) -> tuple[str, ...]:
    """The folded words alone: what two spellings of one alias have in common."""
    return tuple(word.folded for word in words_of(text))
