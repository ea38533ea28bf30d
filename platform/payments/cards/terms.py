"""The words that a payer agrees to when their card is kept, by version. Pure, from dated data."""

import json
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent.parent / "data" / "card_terms.json"


@dataclass(frozen=True, slots=True)
class CardTerms:
    version: str
    begins_on: date
    words: tuple[str, ...]


@cache
def all_terms() -> tuple[CardTerms, ...]:
    """Every version, the earliest first."""
    said = json.loads(FILE.read_text())["versions"]
    return tuple(sorted((CardTerms(each["version"], date.fromisoformat(each["from"]), tuple(each["words"])) for each in said), key=lambda each: each.begins_on))


def terms_on(day: date) -> CardTerms:
    """What somebody agrees to on this day."""
    return next(each for each in reversed(all_terms()) if each.begins_on <= day or each is all_terms()[0])
