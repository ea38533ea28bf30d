"""What a reader of bookings is told of their payments."""

import uuid
from collections.abc import Iterable

from booking.models import Booking
from booking.paying.due import PURPOSE
from payments.reading import PaymentBrief, briefs_of


def payments_beside(bookings: Iterable[Booking], reader_id: int) -> dict[uuid.UUID, PaymentBrief]:
    """By the public ids of those that are paid by card: the reader's own payment, or for a therapist the one that they are paid. One query, or none."""
    costing = {booking.public_id: booking for booking in bookings if booking.is_paid_online}
    briefs = briefs_of(costing.keys(), PURPOSE) if costing else {}
    return {reference: brief for (reference, payer), brief in briefs.items() if reader_id in (payer, costing[reference].therapist_id)}
