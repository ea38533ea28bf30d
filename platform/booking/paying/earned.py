"""When a booking's therapist has earned what was paid for it, and what keeps it from being paid out. Connected by the assembly."""

import uuid
from datetime import datetime

from sqlalchemy import select

from booking.lifecycle import State
from booking.models import Booking
from booking.paying.due import PURPOSE
from booking.paying.give_back import kept_of
from core.db import db
from desk.cases import open_case_about
from payments.payouts.earn import earn

COMPLAINT = "complaint"


def hear_ended(booking: Booking, before: State, now: datetime) -> None:
    """The booking has just taken this step. Earned is what took place, and the fee that stays for a late cancellation or for not coming."""
    del before
    if not booking.is_paid_online:
        return
    if booking.stands is State.COMPLETED or (booking.stands in {State.CANCELLED, State.NO_SHOW} and kept_of(booking)):
        earn(booking.public_id, PURPOSE, took_place_at=booking.ends_at, now=now)


def what_holds_back(reference: uuid.UUID, purpose: str) -> str | None:
    """Never while it is not known how it went, while that is contested, or while a complaint about it is open."""
    if purpose != PURPOSE:
        return None
    state = db.session.execute(select(Booking.state).where(Booking.public_id == reference)).scalar_one_or_none()
    if state in {None, State.CONFIRMED.value, State.REQUESTED.value, State.HELD.value}:
        return "attendance_unknown"
    return "complaint" if open_case_about(COMPLAINT, ("booking", str(reference))) is not None else None
