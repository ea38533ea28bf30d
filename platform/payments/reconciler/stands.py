"""Whether what was paid for stands: asked of whoever asked for the money, by purpose. Connected by the assembly."""

import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select

from core.db import db
from core.money import Money
from payments.lifecycle import PaymentState
from payments.models import Payment
from payments.reconciler.findings import GRACE, Finding

# What a payer may be left with having paid, in minor units, of each reference that is known; what nobody knows is left out.
Stays: TypeAlias = Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, int]]


@dataclass(frozen=True, slots=True)
class Unpaid:
    """Something that had to be paid before it counted, counts, and was not paid."""

    reference: uuid.UUID
    payee_id: int
    due: Money
    at: datetime


# Those that began to count in [since, until).
Unsettled: TypeAlias = Callable[[datetime, datetime], Sequence[Unpaid]]
_stays: dict[str, Stays] = {}
_unsettled: list[Unsettled] = []


def when_comparing(purpose: str, stays: Stays, unsettled: Unsettled | None = None) -> None:
    """One who knows for each purpose. Connecting twice changes nothing."""
    if _stays.setdefault(purpose, stays) is not stays:
        raise ValueError(f"somebody else knows what stands for {purpose} already")
    if unsettled is not None and unsettled not in _unsettled:
        _unsettled.append(unsettled)


def find_what_stands_for_nothing(*, since: datetime, now: datetime) -> list[Finding]:
    """Payments of [since, now - GRACE) of which more is kept than stands, and what stands without its payment. What is disputed has its case already."""
    until, found = now - GRACE, []
    for purpose, stays in _stays.items():
        wanted = select(Payment).where(
            Payment.purpose == purpose,
            Payment.state == PaymentState.SETTLED.value,
            Payment.told_at < until,
            Payment.settled_at >= since,
            Payment.changed_at < until,
            Payment.captured_amount > Payment.returned_amount,
            Payment.disputed_at.is_(None),
        )
        payments = db.session.scalars(wanted.order_by(Payment.id)).all()
        most = stays([payment.reference for payment in payments]) if payments else {}
        found += [_paid_for_nothing(payment) for payment in payments if payment.refundable > most.get(payment.reference, 0)]
    for unsettled in _unsettled:
        found += [
            Finding("stands_unpaid", str(each.reference), each.at, ours=(each.due.amount, each.due.currency), person_id=each.payee_id)
            for each in unsettled(since, until)
        ]
    return found


def _paid_for_nothing(payment: Payment) -> Finding:
    assert payment.settled_at is not None
    kept = payment.refundable, payment.captured_currency or payment.currency
    return Finding("paid_for_nothing", str(payment.public_id), payment.settled_at, ours=kept, payment_id=payment.id, person_id=payment.payer_id)
