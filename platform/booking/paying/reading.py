"""What a reader of bookings is told of their payments."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.lifecycle import State
from booking.models import Booking
from booking.paying.charge_clock import TRIES, unpaid_at
from booking.paying.due import PURPOSE
from booking.paying.models import UNPAID_STATES, SessionCharge
from core.db import db
from payments.reading import PaymentBrief, briefs_of


def payments_beside(bookings: Iterable[Booking], reader_id: int) -> dict[uuid.UUID, PaymentBrief]:
    """By the public ids of those that are paid by card: the reader's own payment, or for a therapist the one that they are paid. One query, or none."""
    costing = {booking.public_id: booking for booking in bookings if booking.is_paid_online}
    briefs = briefs_of(costing.keys(), PURPOSE) if costing else {}
    return {reference: brief for (reference, payer), brief in briefs.items() if reader_id in (payer, costing[reference].therapist_id)}


@dataclass(frozen=True, slots=True)
class ChargeShown:
    """How the charge of one date of a series stands. `at` is when it is, or was, first charged; `until` when its therapist chooses if it is not paid."""

    state: str
    at: datetime
    until: datetime
    problem: str | None
    is_due: bool


def charges_beside(bookings: Iterable[Booking]) -> dict[uuid.UUID, ChargeShown]:
    """By the public ids of confirmed dates of series, and of what others booked for a client, that are paid by card. One query, or none."""
    costing = {each.id: each for each in bookings if each.is_paid_online and each.stands is State.CONFIRMED}
    if not costing:
        return {}
    rows = {row.booking_id: row for row in db.session.scalars(select(SessionCharge).where(SessionCharge.booking_id.in_(list(costing))))}
    return {each.public_id: _charge(each, rows.get(each.id)) for each in costing.values() if each.series_id is not None or each.id in rows}


def _charge(booking: Booking, row: SessionCharge | None) -> ChargeShown:
    state, problem = (row.state, row.problem) if row is not None else ("waiting", None)
    is_due = state in UNPAID_STATES or (state == "waiting" and problem is not None)
    return ChargeShown(state, booking.starts_at - TRIES[0], unpaid_at(booking.starts_at), problem, is_due)
