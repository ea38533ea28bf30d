"""What a booking is called on a receipt: that it is an appointment, how long it is, and when. Connected by the assembly."""

import uuid
from collections.abc import Collection, Mapping

from sqlalchemy import select

from booking.models import Booking
from core.db import db
from payments.receipts.described import Described

MINUTE = 60


def describe_bookings(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Described]:
    """By their public ids. Whether it is the first, and what kind of help it is, stays out: receipts are read by others."""
    bookings = db.session.scalars(select(Booking).where(Booking.public_id.in_(references)))
    return {
        each.public_id: Described(f"Appointment, {int((each.ends_at - each.starts_at).total_seconds()) // MINUTE} minutes", each.starts_at, each.zone)
        for each in bookings
    }
