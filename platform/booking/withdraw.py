"""The client takes a request back before it was answered."""

import uuid
from datetime import datetime

from booking.advance import booking_under_lock, participant_of
from booking.ending import end_waiting
from booking.lifecycle import State
from booking.models import Booking
from core.errors import Forbidden


def withdraw_request(public_id: uuid.UUID, *, by: int, now: datetime) -> Booking:
    """Requested → withdrawn, by its client. Refusals: NotFound, Forbidden for its therapist, BookingEnded, StepNotPossible."""
    booking = booking_under_lock(public_id, person_id=by)
    if participant_of(booking, by) is None:
        raise Forbidden
    return end_waiting(booking, State.WITHDRAWN, by=by, reason=None, now=now)
