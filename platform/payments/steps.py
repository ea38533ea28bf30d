"""The one place where a payment, an attempt or a refund changes its state: along its table, under the lock of the payment's row, with an audit row."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from payments.ledger import books
from payments.lifecycle import AttemptState, PaymentState, RefundState, step_attempt, step_payment, step_refund
from payments.models import Payment, PaymentAttempt, Refund


def lock_payment(payment_id: int) -> Payment:
    """The payment as it stands, locked until the transaction ends. Whoever needs locks of persons takes those first."""
    wanted = select(Payment).where(Payment.id == payment_id).with_for_update().execution_options(populate_existing=True)
    return db.session.execute(wanted).scalar_one()


def parts_of(cart: Payment) -> Sequence[Payment]:
    """What a cart collects, or collected, each locked after it; nothing of any other payment."""
    if cart.purpose != "cart":
        return []
    wanted = select(Payment).where(Payment.collected_by_id == cart.id).order_by(Payment.id)
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).all()


def charged_as(payment: Payment) -> tuple[str | None, str | None]:
    """(intent, charge): the processor's names of what was captured; of a part of a cart those of the cart."""
    if payment.intent is not None or payment.collected_by_id is None:
        return payment.intent, payment.charge
    row = db.session.execute(select(Payment.intent, Payment.charge).where(Payment.id == payment.collected_by_id)).one()
    return row.intent, row.charge


def lock_attempt(attempt_id: int) -> tuple[Payment, PaymentAttempt]:
    """An attempt with its payment, which alone is locked: whoever writes an attempt or a refund holds the lock of its payment."""
    payment_id = db.session.execute(select(PaymentAttempt.payment_id).where(PaymentAttempt.id == attempt_id)).scalar_one()
    payment = lock_payment(payment_id)
    return payment, db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)


def lock_refund(refund_id: int) -> tuple[Payment, Refund]:
    """A refund with its payment, which alone is locked."""
    payment_id = db.session.execute(select(Refund.payment_id).where(Refund.id == refund_id)).scalar_one()
    payment = lock_payment(payment_id)
    return payment, db.session.get_one(Refund, refund_id, populate_existing=True)


def advance_payment(payment: Payment, target: PaymentState, *, now: datetime, reason: str | None = None) -> None:
    """Take the step, or PaymentEnded / PaymentStepNotPossible. `reason` says why it ended."""
    step_payment(payment.stands, target)
    payment.state, payment.changed_at = target.value, now
    if target is PaymentState.SETTLED:
        payment.settled_at = now
    if target in {PaymentState.SETTLED, PaymentState.MISMATCHED}:
        books.book_captured(payment, now=now)
    if target is PaymentState.ENDED:
        payment.end_reason = reason or "given_up"
    db.session.flush()
    audit.record(f"payments.{target.value}", subject=("payment", payment.id), reason=reason)


def advance_attempt(attempt: PaymentAttempt, target: AttemptState, *, now: datetime) -> None:
    """Take the step, or PaymentStepNotPossible. What is over is looked at no more."""
    step_attempt(attempt.stands, target)
    attempt.state, attempt.changed_at = target.value, now
    if target in {AttemptState.SUCCEEDED, AttemptState.CLOSED}:
        attempt.look_at = attempt.address = None
    db.session.flush()


def advance_refund(payment: Payment, refund: Refund, target: RefundState, *, now: datetime, failure: str | None = None) -> None:
    """Take the step, or PaymentStepNotPossible. A refund that failed promises nothing any more."""
    step_refund(refund.stands, target)
    had_left = refund.stands is RefundState.SUCCEEDED
    refund.state, refund.changed_at, refund.failure = target.value, now, failure
    if target is RefundState.FAILED:
        payment.returned_amount -= refund.amount
        books.book_refund_failed(payment, refund, had_left=had_left, now=now)
    if target is RefundState.SUCCEEDED:
        books.book_refund_left(payment, refund, now=now)
    if target in {RefundState.SUCCEEDED, RefundState.FAILED, RefundState.NEEDS_PERSON}:
        refund.look_at = None
    db.session.flush()
    audit.record(f"payments.refund_{target.value}", subject=("refund", refund.id), reason=failure, payment=payment.id)
