"""Either side calls a confirmed appointment off, on the terms under which it was booked."""

import uuid
from datetime import datetime, timedelta

from booking.advance import advance, booking_under_lock
from booking.late_fee import owe
from booking.lifecycle import State, step
from booking.models import Booking
from booking.refusals import AlreadyStarted

REASONS = ("not_needed", "time", "unwell", "somebody_else", "price", "other")
# Whoever books a time that is late to cancel from the first moment may still think again for this long.
GRACE = timedelta(minutes=30)


def cancel_booking(public_id: uuid.UUID, *, by: int, reason: str, now: datetime, note: str | None = None) -> Booking:
    """Confirmed → cancelled. Refusals: NotFound, BookingEnded, StepNotPossible for a mere request, AlreadyStarted from its start on.

    `reason` is a code; `note` is what the other side reads in their booking, and no mail repeats it. Whether a client was late, and what they owe for it by
    the terms of the booking, is kept as a fact. A therapist is never late.
    """
    booking = booking_under_lock(public_id, person_id=by)
    step(booking.stands, State.CANCELLED)
    if booking.starts_at <= now:
        raise AlreadyStarted
    booking.cancelled_late = by != booking.therapist_id and is_late(booking, now=now)
    booking.end_note = note
    advance(booking, State.CANCELLED, by=by, reason=reason, now=now)
    if booking.cancelled_late:
        owe(booking, reason="cancelled_late", now=now)
    return booking


def free_until(booking: Booking) -> datetime:
    """Cancelling is free before this instant: so many elapsed hours before the start, as agreed when it was booked.

    A time agreed on later than that is free for another half hour. After a move by the therapist it is free until the start; after a late move by the
    client it is not free any more.
    """
    agreed_at = booking.confirmed_at or booking.created_at
    edge = booking.starts_at - timedelta(hours=booking.cancel_free_hours)
    if booking.moved_by_therapist:
        return booking.starts_at
    if booking.moved_late:
        return min(edge, agreed_at)
    return edge if agreed_at < edge else min(agreed_at + GRACE, booking.starts_at)


def is_late(booking: Booking, *, now: datetime) -> bool:
    """From the edge itself on."""
    return now >= free_until(booking)
