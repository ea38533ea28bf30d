"""After an appointment is over: its client says that something about it is not right, such as a fee that they see otherwise. A person looks at it, and until
they have, nothing more is charged for it and nothing is paid out.

While it still stands and something was reported, that is contested instead (`outcome`).
"""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.advance import booking_under_lock, participant_of
from booking.after.outcome import CASE, LOOKED_AT_WITHIN
from booking.lifecycle import State
from booking.models import Booking, LateFee
from booking.refusals import AlreadySaid, NothingToSay
from core.db import db
from core.errors import NotFound
from desk.cases import open_case, was_case_about

COMPLAINED_WITHIN = timedelta(days=14)
OVER = frozenset({State.COMPLETED, State.NO_SHOW})


def complain(public_id: uuid.UUID, *, by: int, now: datetime, note: str | None = None) -> Booking:
    """Once for each of its clients. NotFound unless they attend it, AlreadySaid (also where they contested it), NothingToSay for what is not over, costs
    nothing although it was called off, or ended more than 14 days ago. `note` is sealed.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if participant_of(booking, by) is None:
        raise NotFound
    owed = db.session.scalars(select(LateFee).where(LateFee.booking_id == booking.id, LateFee.person_id.is_(None))).one_or_none()
    if not may_complain(booking, owed, now=now):
        raise NothingToSay
    about = ("booking", str(booking.public_id))
    if was_case_about(CASE, about, person_id=by):
        raise AlreadySaid
    facts = {"stands": booking.state, "reported": booking.outcome, "owed": owed.reason if owed else None, "note": note}
    open_case(CASE, subject=about, person_id=by, opened_by=by, due_in=LOOKED_AT_WITHIN, facts=facts, now=now)
    return booking


def may_complain(booking: Booking, owed: LateFee | None, *, now: datetime) -> bool:
    """Whether its clients may still say so; `owed` is what is owed for it."""
    if now >= booking.ends_at + COMPLAINED_WITHIN:
        return False
    return booking.stands in OVER or (booking.stands is State.CANCELLED and owed is not None and owed.waived_at is None)
