"""Kept cards are charged by the clock: a sweep for the dates of series, and a timer for each fee. The processor being away is no failure: its poller and the
next sweep ask again.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from booking.lifecycle import State
from booking.models import ONLINE, Booking, LateFee
from booking.paying.charge_clock import TRIES
from booking.paying.charge_fee import begin_fee_charge, is_contested
from booking.paying.charge_letters import tell_fee_planned
from booking.paying.charge_session import take_step
from booking.paying.models import SessionCharge
from booking.paying.pay_due import fee_due
from core.clock import now as now_of_transaction
from core.db import db, transaction
from core.jobs import job, periodic
from payments.cards.charge_calls import send_charge
from payments.processor_failures import ProcessorUnavailable

log = structlog.get_logger()
SWEEP_AT_ONCE = 500
LONGEST = timedelta(hours=8)  # of one session
# In this time a fee may be waived, or somebody say that it was otherwise.
THOUGHT_OVER = timedelta(hours=24)


@periodic("*/5 * * * *", "booking.charge_due")
def charge_due() -> None:
    """Every date of a series that is near and not paid, as far as we have heard."""
    now = now_of_transaction()
    near = (Booking.starts_at > now, Booking.starts_at <= now + TRIES[0], Booking.ends_at > now, Booking.ends_at <= now + TRIES[0] + LONGEST)
    costs = (Booking.state == State.CONFIRMED.value, Booking.series_id.is_not(None), Booking.collects == ONLINE, Booking.fee_amount > Booking.gift_amount)
    over = select(SessionCharge.booking_id).where(SessionCharge.booking_id == Booking.id, SessionCharge.state.not_in(["waiting", "trying"]))
    due = select(Booking.id).where(*near, *costs, ~over.exists()).order_by(Booking.starts_at).limit(SWEEP_AT_ONCE)
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
    if booking.series_id is not None and fee_due(booking) is not None:
        tell_fee_planned(booking, fee.fee, now + THOUGHT_OVER, now=now)
        charge_fee.enqueue_at(now + THOUGHT_OVER, fee_id=fee.id)


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
