"""Appointments that stand at a time at which they do not take place, because their clients are still to choose another one."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select

from booking.disruption.models import DisruptedBooking
from booking.models import Booking
from core.db import db


def off_among(public_ids: Sequence[uuid.UUID]) -> frozenset[uuid.UUID]:
    """The same by the ids that are known outside."""
    known = {row.id: row.public_id for row in db.session.execute(select(Booking.id, Booking.public_id).where(Booking.public_id.in_(public_ids)))}
    return frozenset(known[each] for each in off_at_present(list(known)))


def off_at_present(booking_ids: Sequence[int]) -> frozenset[int]:
    """Those of these bookings that stand at a time at which they do not take place: no reminder, no door, until another time is chosen."""
    standing = select(Booking.id).join(DisruptedBooking, DisruptedBooking.booking_id == Booking.id).where(Booking.starts_at == DisruptedBooking.starts_at)
    is_off = (DisruptedBooking.choice != "keep", DisruptedBooking.carried_out_at.is_not(None), DisruptedBooking.closed_at.is_(None))
    return frozenset(db.session.scalars(standing.where(Booking.id.in_(booking_ids), *is_off))) if booking_ids else frozenset()
