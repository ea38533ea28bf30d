"""A payee has earned what was paid for something that took place: a payout waits for its day. And what comes back of one when a payment is given back."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from core import audit
from core.db import db
from core.money import Money
from payments.models import Payment, Refund
from payments.payouts.models import Payout, PayoutReversal
from payments.payouts.rules import PayoutState, due_at, to_send, to_take_back
from payments.payouts.send_jobs import pay_out, send_reversal
from payments.payouts.steps import advance_payout

ON_ITS_WAY = frozenset({PayoutState.SENDING, PayoutState.SENT, PayoutState.NEEDS_PERSON})


def earn(reference: uuid.UUID, purpose: str, *, took_place_at: datetime, now: datetime) -> None:
    """One payout of each payment with money left in it, due three days after `took_place_at`. Earning the same again changes nothing."""
    wanted = select(Payment).where(Payment.reference == reference, Payment.purpose == purpose, Payment.captured_amount > Payment.returned_amount)
    for payment in db.session.scalars(wanted.order_by(Payment.id).with_for_update().execution_options(populate_existing=True)):
        _earn(payment, reference, None, took_place_at=took_place_at, now=now)


def earn_part(payment: Payment, reference: uuid.UUID, part: int, *, took_place_at: datetime, now: datetime, payee_id: int | None = None) -> None:
    """The same for `part` minor units of a payment that was made ahead, for one thing that it was spent on; of `payee_id` where the payment has no payee. The
    caller holds the lock of the payment.
    """
    if part > 0:
        _earn(payment, reference, part, payee_id=payee_id, took_place_at=took_place_at, now=now)


def _earn(payment: Payment, reference: uuid.UUID, part: int | None, *, took_place_at: datetime, now: datetime, payee_id: int | None = None) -> None:
    row = {
        "payment_id": payment.id,
        "payee_id": payment.payee if payee_id is None else payee_id,
        "share": part,
        "currency": payment.captured_currency or payment.currency,
    }
    _write(row, reference, took_place_at=took_place_at, now=now)


def earn_borne(payee_id: int, reference: uuid.UUID, part: Money, *, took_place_at: datetime, now: datetime) -> None:
    """Nobody paid, because we bear all of a price: the payee's part of it leaves our balance, by the same clock. Once for a reference."""
    if part.amount > 0:
        row = {"payment_id": None, "payee_id": payee_id, "share": part.amount, "currency": part.currency}
        _write(row, reference, took_place_at=took_place_at, now=now)


def _write(row: Mapping[str, object], reference: uuid.UUID, *, took_place_at: datetime, now: datetime) -> None:
    when = {"earned_at": now, "due_at": due_at(took_place_at), "changed_at": now}
    values = {"public_id": uuid.uuid4(), "reference": reference, **row, **when}
    earned = db.session.execute(insert(Payout).values(values).on_conflict_do_nothing().returning(Payout.id)).scalar_one_or_none()
    if earned is not None:
        audit.record("payments.earned", subject=("payout", earned), payment=row["payment_id"])
        pay_out.enqueue_at(due_at(took_place_at), payout_id=earned)


def take_back_for(payment: Payment, refund: Refund, *, now: datetime) -> None:
    """A refund was promised: what the payee has of it already comes back. The caller holds the lock of the payment, whose count includes the refund."""
    theirs = to_send(payment.refundable, payment.our_part(payment.refundable))
    wanted = select(Payout).where(Payout.payment_id == payment.id, Payout.share.is_(None), Payout.state.in_([state.value for state in ON_ITS_WAY]))
    for payout in db.session.scalars(wanted.execution_options(populate_existing=True)):
        assert payout.amount is not None
        _take_back(payout, to_take_back(payout.amount, payout.returned_amount, theirs), refund_id=refund.id, now=now)


def take_back_part(payment: Payment, reference: uuid.UUID, part: int | None = None, *, now: datetime) -> None:
    """What a part of a payment made ahead was spent on came to nothing after all: its payout does not leave, or comes back. With `part`, that many minor units
    of it. The caller holds the lock of the payment.
    """
    wanted = select(Payout).where(Payout.payment_id == payment.id, Payout.reference == reference, Payout.share.is_not(None))
    payout = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if payout is None or payout.share is None:
        return
    back = payout.share if part is None else min(part, payout.share)
    if payout.stands is PayoutState.EARNED:
        payout.share -= back
        if not payout.share:
            advance_payout(payout, PayoutState.DROPPED, now=now)
    elif payout.stands in ON_ITS_WAY and payout.amount is not None:
        _take_back(payout, to_take_back(payout.amount, payout.returned_amount, payout.share - back), refund_id=None, now=now)


def _take_back(payout: Payout, back: int, *, refund_id: int | None, now: datetime) -> None:
    if not back:
        return
    payout.returned_amount += back
    public_id = uuid.uuid4()
    reversal = PayoutReversal(
        public_id=public_id,
        payout_id=payout.id,
        refund_id=refund_id,
        amount=back,
        state="intended",
        key=f"reversal:{public_id}:1",
        intended_at=now,
        changed_at=now,
    )
    db.session.add(reversal)
    db.session.flush()
    audit.record("payments.reversal_intended", subject=("payout_reversal", reversal.id), payout=payout.id, amount=back)
    send_reversal.enqueue(reversal_id=reversal.id)
