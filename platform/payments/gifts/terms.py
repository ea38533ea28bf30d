"""How much a gift code may be of, how long it holds, and until when an unused one goes back. Pure, from dated data."""

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from payments.processor_amounts import LEAST, can_be_charged

FILE = Path(__file__).parents[1] / "data" / "gift_terms.json"
LEAST_YEARS = 5
LONGEST_NOTE = 200
# In the least that can be charged of a currency: about ten to a thousand dollars.
LEAST_TIMES, MOST_TIMES = 20, 2_000
CURRENCIES = tuple(sorted(LEAST))


@dataclass(frozen=True, slots=True)
class GiftTerms:
    """`years` None: it never runs out."""

    version: str
    begins_on: date
    years: int | None
    return_days: int

    def expires_at(self, paid_at: datetime) -> datetime | None:
        """The first instant at which a code that was paid then holds no more; of 29 February, on 1 March."""
        if self.years is None:
            return None
        try:
            return paid_at.replace(year=paid_at.year + self.years)
        except ValueError:
            return paid_at.replace(year=paid_at.year + self.years, month=3, day=1)

    def return_until(self, paid_at: datetime) -> datetime:
        return paid_at + timedelta(days=self.return_days)


@cache
def all_terms() -> tuple[GiftTerms, ...]:
    """Every version, the earliest first. ValueError for data that lets a code run out too soon."""
    said = json.loads(FILE.read_text())["versions"]
    versions = [GiftTerms(each["version"], date.fromisoformat(each["from"]), each["years"], each["return_days"]) for each in said]
    for each in versions:
        require_lawful(each)
    return tuple(sorted(versions, key=lambda each: each.begins_on))


def require_lawful(terms: GiftTerms) -> None:
    """ValueError for terms that let a code run out sooner than the law of any place that we know."""
    if terms.years is not None and terms.years < LEAST_YEARS:
        raise ValueError(f"{terms.version} lets a gift code run out before {LEAST_YEARS} years")


def terms_on(day: date) -> GiftTerms:
    """What holds for a code that is paid on this day."""
    return next(each for each in reversed(all_terms()) if each.begins_on <= day or each is all_terms()[0])


def bounds(currency: str) -> tuple[int, int]:
    """The least and the most that one code is of."""
    return LEAST[currency] * LEAST_TIMES, LEAST[currency] * MOST_TIMES


def is_possible(amount: int, currency: str) -> bool:
    """Whether a code can be of this."""
    if currency not in LEAST or not can_be_charged(amount, currency):
        return False
    least, most = bounds(currency)
    return least <= amount <= most
