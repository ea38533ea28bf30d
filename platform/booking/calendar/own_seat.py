"""What one client's calendar is told of a booking. In a group their own steps count beside those of the booking, and leaving ends it for them alone."""

from datetime import datetime

from booking.models import Booking, BookingParticipant


def seat_of(booking: Booking, person_id: int) -> BookingParticipant | None:
    """This person's row, also when they have left; `participants` and `left` are loaded."""
    return next((each for each in (*booking.participants, *booking.left) if each.person_id == person_id), None)


def sequence_for(booking: Booking, seat: BookingParticipant | None) -> int:
    """The dates of a series count together; `series` is loaded."""
    if booking.series is not None:
        return booking.series.calendar_sequence
    return booking.calendar_sequence + (seat.seat_steps if seat is not None else 0)


def changed_for(booking: Booking, seat: BookingParticipant | None) -> datetime:
    """When anything last changed for them."""
    steps = (seat.joined_at, seat.left_at) if seat is not None else ()
    return max([booking.changed_at, *(at for at in steps if at is not None)])


def has_left(seat: BookingParticipant | None) -> bool:
    return seat is not None and seat.left_at is not None
