"""The platform calls a booking off because its therapist cannot be there: free of charge whenever it is, and everybody is told."""

from datetime import datetime

from booking.advance import advance
from booking.ending import end_waiting
from booking.lifecycle import State
from booking.models import Booking


def cancel_as_platform(booking: Booking, *, reason: str, now: datetime) -> Booking:
    """Confirmed → cancelled, requested → declined, held → released; BookingEnded when it is over. The caller holds the locks of its people.

    `reason` is one of `letters.BY_PLATFORM`. Neither side did it: nobody is late, and nobody owes anything.
    """
    if booking.stands is State.REQUESTED:
        return end_waiting(booking, State.DECLINED, by=None, reason=reason, now=now)
    booking.cancelled_late = False
    return advance(booking, State.RELEASED if booking.stands is State.HELD else State.CANCELLED, by=None, reason=reason, now=now)
