"""What a client owes for cancelling late or not coming: a fact, by the terms of the booking, which somebody may waive. Payments settle it."""

import uuid
from datetime import datetime

from sqlalchemy import select

from booking.models import Booking, LateFee, has_public_id
from booking.paying.due import PURPOSE
from core import audit
from core.db import db
from core.errors import Forbidden, NotFound
from core.money import Money
from payments.refunds.request import give_back_all_but


def late_fee_of(booking: Booking) -> Money | None:
    """What a late cancellation of it costs, rounded half up to the minor unit; None when nothing."""
    amount = (booking.fee_amount * booking.late_fee_percent + 50) // 100
    return Money(amount, booking.fee_currency) if amount else None


def owe(booking: Booking, *, reason: str, now: datetime, person_id: int | None = None) -> LateFee | None:
    """Keep as a fact what is owed; `reason` is cancelled_late or absent. None when the terms ask for nothing. In a group it is owed by one person, once."""
    due = late_fee_of(booking)
    if due is None or (person_id is not None and _owes(booking, person_id)):
        return None
    fee = LateFee(public_id=uuid.uuid4(), booking_id=booking.id, person_id=person_id, reason=reason, amount=due.amount, currency=due.currency, at=now)
    db.session.add(fee)
    db.session.flush()
    audit.record("booking.fee_owed", subject=("booking", booking.id), reason=reason, amount=due.amount, currency=due.currency)
    return fee


def _owes(booking: Booking, person_id: int) -> bool:
    owed = select(LateFee.id).where(LateFee.booking_id == booking.id, LateFee.person_id == person_id)
    return db.session.execute(owed).scalar_one_or_none() is not None


def waive_fee(public_id: uuid.UUID, *, by: int, now: datetime) -> LateFee:
    """The therapist lets a client off; what was kept of a payment for it goes back. Twice changes nothing.

    NotFound when the booking is not theirs or nothing is owed, Forbidden for the client.
    """
    wanted = (
        select(Booking.therapist_id, LateFee)
        .join(LateFee, LateFee.booking_id == Booking.id)
        .where(has_public_id(public_id, person_id=by), LateFee.person_id.is_(None))
    )
    found = db.session.execute(wanted.with_for_update(of=LateFee).execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    therapist_id, fee = found
    if therapist_id != by:
        raise Forbidden
    if fee.waived_at is None:
        give_back_all_but(0, reference=public_id, purpose=PURPOSE, reason="waived", by=by, now=now)
        fee.waived_by, fee.waived_at = by, now
        db.session.flush()
        audit.record("booking.fee_waived", subject=("booking", fee.booking_id), actor=by)
    return fee
