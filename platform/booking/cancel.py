"""Either side calls a confirmed appointment off, on the terms under which it was booked."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from booking.advance import advance, advance_all, booking_under_lock, participant_of
from booking.after.late_fee import owe
from booking.groups.seats import give_up_seat
from booking.lifecycle import State, step
from booking.models import Booking, BookingParticipant
from booking.refusals import AlreadyStarted
from core.errors import Invalid

REASONS = ("not_needed", "time", "unwell", "somebody_else", "price", "other")
# Whoever books a time that is late to cancel from the first moment may still think again for this long.
GRACE = timedelta(minutes=30)


def cancel_booking(public_id: uuid.UUID, *, by: int, reason: str, now: datetime, note: str | None = None) -> Booking:
    """Confirmed → cancelled. Refusals: NotFound, BookingEnded, StepNotPossible for a mere request, AlreadyStarted from its start on.

    `reason` is a code; `note` is what the other side reads in their booking, and no mail repeats it. Whether a client was late, and what they owe for it by
    the terms of the booking, is kept as a fact. A therapist is never late. A client of a group gives up their own seat, without a note: the session stands
    until the last one leaves.
    """
    booking = booking_under_lock(public_id, person_id=by)
    step(booking.stands, State.CANCELLED)
    if booking.starts_at <= now:
        raise AlreadyStarted
    seat = participant_of(booking, by) if booking.is_group else None
    if seat is not None and note is not None:
        raise Invalid(errors={"note": ["A seat in a group is given up without a note."]})
    late = by != booking.therapist_id and is_late(booking, seat, now=now)
    if seat is not None and len(booking.participants) > 1:
        give_up_seat(booking, seat, late=late, by=by, reason=reason, now=now)
    else:
        booking.cancelled_late, booking.end_note = late, note
        advance(booking, State.CANCELLED, by=by, reason=reason, now=now)
    if late:
        owe(booking, reason="cancelled_late", person_id=seat.person_id if seat else None, now=now)
    return booking


def cancel_dates(dates: Sequence[Booking], *, by: int, reason: str, now: datetime, note: str | None = None) -> None:
    """The same for dates of a series that lie ahead, each on its own terms: one may be late, those after it are not. The caller holds the locks. In as many
    statements as for one, and what each late one costs.
    """
    for booking in dates:
        booking.cancelled_late, booking.end_note = by != booking.therapist_id and is_late(booking, now=now), note
    advance_all(dates, State.CANCELLED, by=by, reason=reason, now=now)
    for booking in dates:
        if booking.cancelled_late:
            owe(booking, reason="cancelled_late", now=now)


def free_until(booking: Booking, seat: BookingParticipant | None = None) -> datetime:
    """Cancelling is free before this instant: so many elapsed hours before the start, as agreed when it was booked.

    A time agreed on later than that is free for another half hour. After a move by the therapist it is free until the start; after a late move by the
    client it is not free any more. Whoever joined a group (`seat`) agreed on its time when they joined, and what it was moved from before says nothing to them.
    """
    agreed_at = booking.confirmed_at or booking.created_at
    joined_since = seat is not None and seat.joined_at is not None and seat.joined_at > agreed_at
    if seat is not None and seat.joined_at is not None:
        agreed_at = max(agreed_at, seat.joined_at)
    edge = booking.starts_at - timedelta(hours=booking.cancel_free_hours)
    if booking.moved_by_therapist and not joined_since:
        return booking.starts_at
    if booking.moved_late:
        return min(edge, agreed_at)
    return edge if agreed_at < edge else min(agreed_at + GRACE, booking.starts_at)


def is_late(booking: Booking, seat: BookingParticipant | None = None, *, now: datetime) -> bool:
    """From the edge itself on."""
    return now >= free_until(booking, seat)
