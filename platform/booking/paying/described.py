"""What a booking is called on a receipt: that it is an appointment, how long it is, and when. Connected by the assembly."""

import uuid
from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import select

from booking.lifecycle import State
from booking.models import Booking
from core.db import db
from payments.receipts.described import Described

MINUTE = 60
FEE_FOR = {True: "Fee for not coming to an appointment", False: "Fee for cancelling an appointment late"}


def describe_bookings(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Described]:
    """By their public ids. Whether it is the first, and what kind of help it is, stays out: receipts are read by others."""
    return {each.public_id: Described(f"Appointment, {_minutes(each)} minutes", each.starts_at, each.zone) for each in _bookings(references)}


def describe_fees(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Described]:
    """The fee for cancelling late, or for not coming, by the day of its appointment."""
    return {each.public_id: Described(FEE_FOR[each.stands is State.NO_SHOW], each.starts_at, each.zone) for each in _bookings(references)}


def _bookings(references: Collection[uuid.UUID]) -> Sequence[Booking]:
    return db.session.scalars(select(Booking).where(Booking.public_id.in_(references))).all()


def _minutes(booking: Booking) -> int:
    return int((booking.ends_at - booking.starts_at).total_seconds()) // MINUTE
