"""Kept cards are charged by the clock: a sweep for the dates of series, and a timer for each fee. The processor being away is no failure: its poller and the
next sweep ask again.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select

from booking.lifecycle import State
from booking.models import ONLINE, Booking, LateFee
from booking.paying.charge_clock import TRIES
from booking.paying.charge_fee import AGAIN_AFTER, begin_fee_charge, is_contested
from booking.paying.charge_letters import tell_fee_planned
from booking.paying.charge_session import take_step
from booking.paying.due import FEES, is_by_clock, payer_of
from booking.paying.models import SessionCharge
from booking.paying.pay_due import fee_by_card, fee_due
from core.clock import now as now_of_transaction
from core.db import db, transaction
from core.jobs import job, periodic
from payments.cards.charge_calls import send_charge
from payments.cards.keep import card_in_force
from payments.models import Payment
from payments.processor_failures import ProcessorUnavailable

log = structlog.get_logger()
SWEEP_AT_ONCE = 500
LONGEST = timedelta(hours=8)  # of one session
# In this time a fee may be waived, or somebody say that it was otherwise.
THOUGHT_OVER = timedelta(hours=24)
# What is older has had its case.
FEES_LOOKED_AT = timedelta(days=21)


@periodic("*/5 * * * *", "booking.charge_due")
def charge_due() -> None:
    """Every date of a series, and what others booked for a client, that is near and not paid, as far as we have heard."""
    now = now_of_transaction()
    near = (Booking.starts_at > now, Booking.starts_at <= now + TRIES[0], Booking.ends_at > now, Booking.ends_at <= now + TRIES[0] + LONGEST)
    costs = (Booking.state == State.CONFIRMED.value, Booking.collects == ONLINE, Booking.fee_amount > Booking.gift_amount)
    clock = select(SessionCharge.booking_id).where(SessionCharge.booking_id == Booking.id)
    by_clock = or_(Booking.series_id.is_not(None), clock.exists())
    over = clock.where(SessionCharge.state.not_in(["waiting", "trying"]))
    due = select(Booking.id).where(*near, *costs, by_clock, ~over.exists()).order_by(Booking.starts_at).limit(SWEEP_AT_ONCE)
    for booking_id in db.session.scalars(due).all():
        charge.enqueue(booking_id=booking_id)


@job("booking.charge_session", outside=True)
def charge(booking_id: int) -> None:
    """Take the step that the clock asks for."""
    with transaction():
        attempt_id = take_step(booking_id, now=now_of_transaction())
    _send(attempt_id, booking=booking_id)


def hear_owed(booking: Booking, fee: LateFee, now: datetime) -> None:
    """A fee has just been written down that is kept of no payment: its client is told what is charged, and when."""
    if is_by_clock(booking) and fee_due(booking) is not None:
        if booking.series_id is not None or card_in_force(payer_of(booking), booking.therapist_id) is not None:
            tell_fee_planned(booking, fee_by_card(booking, fee), now + THOUGHT_OVER, now=now)
        charge_fee.enqueue_at(now + THOUGHT_OVER, fee_id=fee.id)


@periodic("40 5 * * *", "booking.look_at_unpaid_fees")
def look_at_unpaid_fees() -> None:
    """Fees of the last weeks that were not paid, and are not waived or contested: the card is tried once more, or a person decides (`charge_fee`)."""
    now = now_of_transaction()
    paid = select(Payment.reference).where(Payment.reference == Booking.public_id, Payment.purpose.in_(FEES), Payment.captured_amount > 0)
    owed = select(LateFee.id).join(Booking, Booking.id == LateFee.booking_id)
    owed = owed.where(LateFee.person_id.is_(None), LateFee.waived_at.is_(None), LateFee.at > now - FEES_LOOKED_AT, LateFee.at <= now - AGAIN_AFTER)
    owed = owed.where(Booking.collects == ONLINE, Booking.fee_amount > 0, ~paid.exists()).order_by(LateFee.id).limit(SWEEP_AT_ONCE)
    for fee_id in db.session.scalars(owed).all():
        if not is_contested(fee_id):
            charge_fee.enqueue(fee_id=fee_id)


@job("booking.charge_fee", outside=True)
def charge_fee(fee_id: int) -> None:
    """Once; a day later again while it is contested."""
    with transaction():
        now, attempt_id = now_of_transaction(), None
        if is_contested(fee_id):
            charge_fee.enqueue_at(now + THOUGHT_OVER, fee_id=fee_id)
        else:
            attempt_id = begin_fee_charge(fee_id, now=now)
    _send(attempt_id, fee=fee_id)


def _send(attempt_id: int | None, **about: int) -> None:
    try:
        if attempt_id is not None:
            send_charge(attempt_id)
    except ProcessorUnavailable as away:
        log.warning("card_not_charged", reason=away.reason, **about)
