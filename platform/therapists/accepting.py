"""Whether a therapist still takes new clients, by their own word, and how old that word may be. Who cannot be paid takes none (`collects`).

We ask every 30 days and remind after 5; after 10 without an answer they count as not accepting. The doors compare the age themselves and wait for no
job. Any own change of `accepting` is an answer.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, literal

from accounts.links import replace_links
from therapists.models import Therapist

ASKED_EVERY = timedelta(days=30)
REMINDED_AFTER = timedelta(days=5)
STOPS_AFTER = timedelta(days=10)
# How old an answer may be at a door.
HOLDS_FOR = ASKED_EVERY + STOPS_AFTER
PURPOSE = "still_accepting"


def is_accepting(therapist: Therapist, *, now: datetime) -> bool:
    """They say so, said it recently enough, and can be paid."""
    return holds(therapist.accepting, therapist.accepting_said_at, therapist.collects, now=now)


def holds(accepting: bool, said_at: datetime, collects: str | None, *, now: datetime) -> bool:
    """The same of the three columns."""
    return accepting and now - said_at <= HOLDS_FOR and collects is not None


def accepting_at(now: ColumnElement[datetime]) -> ColumnElement[bool]:
    """The same as a condition on therapists, at an instant that may be a parameter."""
    return and_(Therapist.accepting, Therapist.accepting_said_at >= now - literal(HOLDS_FOR), Therapist.collects.is_not(None))


def answered(therapist: Therapist, *, now: datetime) -> None:
    """They have just said whether they take new clients: the next question is 30 days away, and links that still ask stop working."""
    replace_links(PURPOSE, therapist.person_id, now=now)
    therapist.accepting_said_at = now
    therapist.accepting_asked_at = therapist.accepting_reminded_at = None
