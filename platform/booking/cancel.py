"""Either side calls a confirmed appointment off."""

import uuid
from datetime import datetime, timedelta

from booking.advance import advance, booking_under_lock
from booking.lifecycle import State, step
from booking.models import Booking
from booking.refusals import AlreadyStarted

REASONS = ("not_needed", "time", "unwell", "somebody_else", "price", "other")


def cancel_booking(public_id: uuid.UUID, *, by: int, reason: str, now: datetime, note: str | None = None) -> Booking:
    """Confirmed → cancelled. Refusals: NotFound, BookingEnded, StepNotPossible for a mere request, AlreadyStarted from its start on.

    `reason` is a code; `note` is what the other side reads in their booking, and no mail repeats it. Whether a client was late is kept as a fact.
    """
    booking = booking_under_lock(public_id, person_id=by)
    step(booking.stands, State.CANCELLED)
    if booking.starts_at <= now:
        raise AlreadyStarted
    booking.cancelled_late = by != booking.therapist_id and is_late(booking, now=now)
    booking.end_note = note
    return advance(booking, State.CANCELLED, by=by, reason=reason, now=now)


def free_until(booking: Booking) -> datetime:
    """Cancelling is free before this instant: so many elapsed hours before the start, as agreed when it was booked."""
    return booking.starts_at - timedelta(hours=booking.cancel_free_hours)


def is_late(booking: Booking, *, now: datetime) -> bool:
    """From the edge itself on."""
    return now >= free_until(booking)
