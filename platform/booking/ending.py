"""The end of a request or a hold that was never confirmed: its time is free again, and so is the place a request took with the therapist."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.advance import advance_all, client_ids_of
from booking.lifecycle import LIVE, State
from booking.models import Booking, BookingParticipant
from care.relation import give_up_request
from core.db import db


def end_waiting(booking: Booking, target: State, *, by: int | None, reason: str | None, now: datetime) -> Booking:
    """Decline, withdraw, release or expire it. A relation of care that only this request had opened ends with it."""
    end_all_waiting([booking], target, by=by, reason=reason, now=now)
    return booking


def end_all_waiting(bookings: Sequence[Booking], target: State, *, by: int | None, reason: str | None, now: datetime) -> None:
    """The same for the dates of a series, in as many statements as for one."""
    were_requests = [booking for booking in bookings if booking.stands is State.REQUESTED]
    advance_all(bookings, target, by=by, reason=reason, now=now)
    for client_id in client_ids_of(were_requests[0]) if were_requests else ():
        if not _has_other_live(were_requests, client_id):
            give_up_request(were_requests[0].therapist_id, client_id, reason=target.value, now=now)


def _has_other_live(bookings: Sequence[Booking], client_id: int) -> bool:
    others = select(Booking.id).where(
        Booking.therapist_id == bookings[0].therapist_id,
        Booking.id.not_in([booking.id for booking in bookings]),
        Booking.state.in_([state.value for state in LIVE - {State.HELD}]),
        Booking.participants.any(BookingParticipant.person_id == client_id),
    )
    return db.session.execute(others.limit(1)).first() is not None
