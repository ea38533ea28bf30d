"""What a client owes for cancelling late or not coming: a fact, by the terms of the booking, which somebody may waive. Payments settle it."""

import uuid
from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from booking.lifecycle import State
from booking.models import Booking, LateFee, has_public_id
from booking.paying.due import FEES, PURPOSE
from core import audit
from core.db import db
from core.errors import Forbidden, Invalid, NotFound
from core.money import Money
from desk.cases import owns_case_about
from payments.gifts.redeem import give_back_gift
from payments.give_up import give_up
from payments.packs.take import give_session_back, pays_by_pack
from payments.processor_amounts import sayable
from payments.refunds.request import give_back_all_but

COMPLAINT = "complaint"  # the kind of case about an appointment
OnOwed = Callable[[Booking, LateFee, datetime], None]
_listeners: list[OnOwed] = []


def when_owed(listener: OnOwed) -> None:
    """`listener` hears, inside the transaction, what has just been written down as owed. Connecting twice changes nothing."""
    if listener not in _listeners:
        _listeners.append(listener)


def late_fee_of(booking: Booking) -> Money | None:
    """What a late cancellation of it costs; None when nothing."""
    return late_fee_at(booking.fee, booking.late_fee_percent)


def late_fee_at(fee: Money, percent: int) -> Money | None:
    """That part of a fee, rounded half up to the minor unit, or down to what can be charged of its currency; None when nothing."""
    amount = sayable((fee.amount * percent + 50) // 100, fee.currency)
    return Money(amount, fee.currency) if amount else None


def owe(booking: Booking, *, reason: str, now: datetime, person_id: int | None = None) -> LateFee | None:
    """Keep as a fact what is owed; `reason` is cancelled_late or absent. None when the terms ask for nothing. In a group it is owed by one person, once."""
    due = late_fee_of(booking)
    if due is None or (person_id is not None and _owes(booking, person_id)):
        return None
    fee = LateFee(public_id=uuid.uuid4(), booking_id=booking.id, person_id=person_id, reason=reason, amount=due.amount, currency=due.currency, at=now)
    db.session.add(fee)
    db.session.flush()
    audit.record("booking.fee_owed", subject=("booking", booking.id), reason=reason, amount=due.amount, currency=due.currency)
    for listener in _listeners:
        listener(booking, fee, now)
    return fee


def _owes(booking: Booking, person_id: int) -> bool:
    owed = select(LateFee.id).where(LateFee.booking_id == booking.id, LateFee.person_id == person_id)
    return db.session.execute(owed).scalar_one_or_none() is not None


def waive_fee(public_id: uuid.UUID, *, by: int, now: datetime, client_id: uuid.UUID | None = None) -> None:
    """The therapist lets a client off; what was kept of a payment for it goes back, and so does a session of a pack that was lost. Twice changes nothing.

    In a group `client_id` says whom, and nowhere else. NotFound when the booking is not theirs or nothing is owed, Forbidden for the client, Invalid.
    """
    found = select(Booking).where(has_public_id(public_id, person_id=by))
    booking = db.session.execute(found.execution_options(populate_existing=True)).scalar_one_or_none()
    if booking is None:
        raise NotFound
    if booking.therapist_id != by:
        raise Forbidden
    if booking.is_group is (client_id is None):
        raise Invalid(errors={"client_id": ["Say whose: each client of a group owes for themselves." if booking.is_group else "Only in a group."]})
    _waive(booking, client_id, by=by, now=now)


def waive_as_owner(public_id: uuid.UUID, *, by: int, now: datetime) -> Booking:
    """The same by whoever owns the open complaint about it; not of a group. NotFound for anybody else, and where nothing is owed."""
    booking = db.session.scalars(select(Booking).where(Booking.public_id == public_id).execution_options(populate_existing=True)).one_or_none()
    if booking is None or booking.is_group or not owns_case_about(COMPLAINT, ("booking", str(public_id)), by=by):
        raise NotFound
    _waive(booking, None, by=by, now=now)
    return booking


def _waive(booking: Booking, client_id: uuid.UUID | None, *, by: int, now: datetime) -> None:
    public_id = booking.public_id
    if lost_sessions([booking]):
        give_session_back(public_id, now=now)
        audit.record("booking.session_given_back", subject=("booking", booking.id), actor=by)
        return
    fee = _fee_of(booking, client_id)
    if fee.waived_at is None:
        if not booking.is_group:  # seats are not paid here, and nobody else's money may go back with this
            for purpose in (PURPOSE, *FEES):
                give_back_all_but(0, reference=public_id, purpose=purpose, reason="waived", by=by, now=now)
            give_back_gift(public_id, now=now)
            for purpose in FEES:
                give_up(public_id, purpose, reason="waived", now=now)
        fee.waived_by, fee.waived_at = by, now
        db.session.flush()
        audit.record("booking.fee_waived", subject=("booking", fee.booking_id), actor=by)


def lost_sessions(bookings: Iterable[Booking]) -> frozenset[uuid.UUID]:
    """Those of these by which a session of a pack was lost, because its client cancelled late or did not come. One query, or none."""
    over = [each for each in bookings if each.stands in {State.CANCELLED, State.NO_SHOW} and each.list_amount is not None and not each.fee_amount]
    return pays_by_pack([each.public_id for each in over if not each.is_group])


def _fee_of(booking: Booking, client_id: uuid.UUID | None) -> LateFee:
    whose = LateFee.person_id.is_not_distinct_from(select(Person.id).where(Person.public_id == client_id).scalar_subquery() if client_id else None)
    wanted = select(LateFee).where(LateFee.booking_id == booking.id, whose).with_for_update(of=LateFee)
    fee = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if fee is None:
        raise NotFound
    return fee
