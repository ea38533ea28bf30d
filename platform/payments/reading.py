"""Payments as somebody may see them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import selectinload

from core.db import db
from core.errors import NotFound
from core.money import Money
from payments.ask import payments_of
from payments.lifecycle import PAYABLE, AttemptState, PaymentState
from payments.models import Payment, PaymentAttempt

# How a payment stands, in one word: to be paid; at the bank; paid; looked at by a person; partly or wholly given back; nothing owed any more.
WORDS = ("due", "processing", "paid", "being_looked_at", "partly_returned", "returned", "over")


@dataclass(frozen=True, slots=True)
class RefundShown:
    public_id: uuid.UUID
    amount: Money
    state: str
    reason: str
    requested_at: datetime


@dataclass(frozen=True, slots=True)
class PaymentBrief:
    """A payment beside what it is for."""

    public_id: uuid.UUID
    state: str
    words: str
    price: Money
    paid: Money
    returned: Money


@dataclass(frozen=True, slots=True)
class PaymentShown:
    """A payment by itself. `checkout` is where its payer can pay it now."""

    public_id: uuid.UUID
    state: str
    words: str
    purpose: str
    reference: uuid.UUID
    price: Money
    paid: Money
    returned: Money
    disputed: bool
    declined: str | None
    checkout: str | None
    paid_at: datetime | None
    refunds: Sequence[RefundShown]
    receipts: Sequence[uuid.UUID]


def show_payment(public_id: uuid.UUID, *, person_id: int | None) -> PaymentShown:
    """NotFound unless this person pays it or is paid; with None for staff."""
    wanted = select(Payment).where(Payment.public_id == public_id).options(selectinload(Payment.refunds))
    if person_id is not None:
        wanted = wanted.where(or_(Payment.payer_id == person_id, Payment.payee_id == person_id))
    payment = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if payment is None:
        raise NotFound
    last = _last_attempt(payment)
    pays, currency = person_id == payment.payer_id, payment.captured_currency or payment.currency
    return PaymentShown(
        public_id=payment.public_id,
        state=payment.state,
        words=words_for(payment),
        purpose=payment.purpose,
        reference=payment.reference,
        price=payment.asked,
        paid=Money(payment.captured_amount, currency),
        returned=Money(payment.returned_amount, currency),
        disputed=payment.disputed_at is not None,
        declined=last.decline if last is not None and pays and payment.stands in PAYABLE else None,
        checkout=last.address if last is not None and pays and last.stands is AttemptState.OPEN else None,
        paid_at=payment.settled_at,
        refunds=[RefundShown(each.public_id, Money(each.amount, currency), each.state, each.reason, each.requested_at) for each in payment.refunds],
        receipts=_receipts(payment),
    )


def _last_attempt(payment: Payment) -> PaymentAttempt | None:
    """Also of the cart in which it is paid."""
    paid_by = [each for each in (payment.id, payment.collected_by_id) if each is not None]
    wanted = select(PaymentAttempt).where(PaymentAttempt.payment_id.in_(paid_by)).order_by(PaymentAttempt.id.desc()).limit(1)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).first()


def _receipts(payment: Payment) -> Sequence[uuid.UUID]:
    """What its payer has a receipt of: itself, or of a cart the first part of each seller."""
    if payment.purpose != "cart":
        return [payment.public_id]
    parts = db.session.scalars(select(Payment).where(Payment.collected_by_id == payment.id, Payment.captured_amount > 0).order_by(Payment.id)).all()
    return list({part.payee_id: part.public_id for part in reversed(parts)}.values())[::-1]


def briefs_of(references: Collection[uuid.UUID], purpose: str) -> dict[tuple[uuid.UUID, int], PaymentBrief]:
    """The latest payment of each reference and payer; one query."""
    return {key: brief(payment) for key, payment in payments_of(references, purpose).items()}


def brief(payment: Payment) -> PaymentBrief:
    currency = payment.captured_currency or payment.currency
    paid, returned = Money(payment.captured_amount, currency), Money(payment.returned_amount, currency)
    return PaymentBrief(payment.public_id, payment.state, words_for(payment), payment.asked, paid, returned)


def words_for(payment: Payment) -> str:
    """One of WORDS."""
    if payment.stands in {PaymentState.OPEN, PaymentState.PROCESSING}:
        return "due" if payment.stands is PaymentState.OPEN else "processing"
    if payment.captured_amount and payment.returned_amount and not payment.passed_on_amount:
        return "partly_returned" if payment.refundable else "returned"
    return {PaymentState.SETTLED: "paid", PaymentState.MISMATCHED: "being_looked_at"}.get(payment.stands, "over")
