"""Somebody who said at a door that they are under 18: a person looks at it, and until they have, saying otherwise is not simply believed."""

from datetime import datetime, timedelta

from accounts.people import public_id_of
from desk.cases import open_case, open_case_about
from therapists.standing import ADULT_BANDS

KIND = "matchmaking"
REASON = "minor"
A_PERSON_WITHIN = timedelta(days=1)


def is_adult(age_band: str) -> bool:
    return age_band in ADULT_BANDS


def is_looked_at(person_id: int) -> bool:
    """Whether the case that a door opened about their age is open."""
    return open_case_about(KIND, _subject(person_id), lock=False) is not None


def open_minors_case(person_id: int, *, now: datetime) -> None:
    """One open case, however often they ask."""
    if open_case_about(KIND, _subject(person_id)) is None:
        open_case(KIND, subject=_subject(person_id), now=now, due_in=A_PERSON_WITHIN, person_id=person_id, facts={"reason": REASON})


def _subject(person_id: int) -> tuple[str, str]:
    return "person", str(public_id_of(person_id))
