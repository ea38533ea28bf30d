"""The end of a request or a hold that was never confirmed: its time is free again, and so is the place a request took with the therapist."""

from datetime import datetime

from sqlalchemy import select

from booking.advance import advance, client_ids_of
from booking.lifecycle import LIVE, State
from booking.models import Booking, BookingParticipant
from care.relation import give_up_request
from core.db import db


def end_waiting(booking: Booking, target: State, *, by: int | None, reason: str | None, now: datetime) -> Booking:
    """Decline, withdraw, release or expire it. A relation of care that only this request had opened ends with it."""
    was_request = booking.stands is State.REQUESTED
    advance(booking, target, by=by, reason=reason, now=now)
    if not was_request:
        return booking
    for client_id in client_ids_of(booking):
        if not _has_other_live(booking, client_id):
            give_up_request(booking.therapist_id, client_id, reason=target.value, now=now)
    return booking


def _has_other_live(booking: Booking, client_id: int) -> bool:
    others = select(Booking.id).where(
        Booking.therapist_id == booking.therapist_id,
        Booking.id != booking.id,
        Booking.state.in_([state.value for state in LIVE - {State.HELD}]),
        Booking.participants.any(BookingParticipant.person_id == client_id),
    )
    return db.session.execute(others.limit(1)).first() is not None
