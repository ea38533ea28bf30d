"""Somebody under 18 who wanted a list or stood at a door: a person looks at it, and until they have, saying otherwise is not simply believed."""

from datetime import datetime, timedelta

from accounts.people import public_id_of
from desk.cases import open_case, open_cases_of
from therapists.standing import ADULT_BANDS

KIND = "matchmaking"
REASON = "minor"
A_PERSON_WITHIN = timedelta(days=1)


def is_adult(age_band: str) -> bool:
    return age_band in ADULT_BANDS


def is_looked_at(person_id: int) -> bool:
    """Whether a case about their age is open, from a door or from a list."""
    return any((case.facts or {}).get("reason") == REASON for case in open_cases_of(KIND, person_id))


def open_minors_case(person_id: int, *, now: datetime) -> None:
    """One open case, however often they ask."""
    if not is_looked_at(person_id):
        open_case(KIND, subject=("person", str(public_id_of(person_id))), now=now, due_in=A_PERSON_WITHIN, person_id=person_id, facts={"reason": REASON})
