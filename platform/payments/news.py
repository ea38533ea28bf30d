"""News of money for whoever asked for it: that a payment settled, or that what was begun for it came to nothing. Connected by the assembly, by purpose.

A listener hears in a transaction of its own, takes its locks first, and says whether it keeps the money. Told until it has heard; hearing twice is harmless.
"""

import uuid
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select

from core import audit
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job
from core.money import Money
from payments.lifecycle import LIVE_ATTEMPT, PAYABLE, PaymentState
from payments.models import Payment, PaymentAttempt
from payments.refunds.request import give_back
from payments.steps import lock_payment


@dataclass(frozen=True, slots=True)
class PaymentNews:
    """`paid` is None when the attempt at it came to nothing: it can still be paid, by another one. `problem` is the processor's code of
    the last refusal.
    """

    reference: uuid.UUID
    purpose: str
    payer_id: int
    payee_id: int | None
    paid: Money | None
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """What was paid for stands. `reference` is its name from now on, if it is another one."""

    reference: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class GiveBack:
    """It does not stand: everything goes back, for this reason (a code)."""

    reason: str


Verdict: TypeAlias = Kept | GiveBack
OnPayment = Callable[[PaymentNews, datetime], Verdict]
_listeners: dict[str, OnPayment] = {}


def when_paid(purposes: Collection[str], listener: OnPayment) -> None:
    """One listener for each purpose. Connecting twice changes nothing."""
    for purpose in purposes:
        if _listeners.setdefault(purpose, listener) is not listener:
            raise ValueError(f"somebody else hears of {purpose} already")


def tell(payment_id: int, *, now: datetime) -> None:
    """Tell whoever asked how this payment stands, if there is something to tell. Locks of persons are the listener's, and are taken before the payment's."""
    payment = db.session.get_one(Payment, payment_id, populate_existing=True)
    listener, settled = _listeners.get(payment.purpose), payment.stands is PaymentState.SETTLED
    if listener is None or not (payment.told_at is None if settled else _came_to_nothing(payment)):
        return
    paid = Money(payment.captured_amount, payment.currency) if settled else None
    problem = None if settled else _last_refusal(payment)
    verdict = listener(PaymentNews(payment.reference, payment.purpose, payment.payer_id, payment.payee_id, paid, problem), now)
    if not settled:
        return
    payment = lock_payment(payment_id)
    if payment.told_at is not None:
        return
    payment.told_at = now
    if isinstance(verdict, GiveBack):
        audit.record("payments.not_kept", subject=("payment", payment.id), reason=verdict.reason)
        give_back(payment, payment.refundable, reason=verdict.reason, by=None, now=now)
    elif verdict.reference is not None and verdict.reference != payment.reference:
        audit.record("payments.kept_for", subject=("payment", payment.id), before=str(payment.reference), after=str(verdict.reference))
        payment.reference = verdict.reference
    db.session.flush()


@job("payments.tell")
def tell_later(payment_id: int) -> None:
    tell(payment_id, now=now_of_transaction())


def _paid_by(payment: Payment) -> list[int]:
    """Itself, and the cart in which it is paid."""
    return [each for each in (payment.id, payment.collected_by_id) if each is not None]


def _last_refusal(payment: Payment) -> str | None:
    last = select(PaymentAttempt.decline).where(PaymentAttempt.payment_id.in_(_paid_by(payment))).order_by(PaymentAttempt.id.desc()).limit(1)
    return db.session.execute(last).scalar_one_or_none()


def _came_to_nothing(payment: Payment) -> bool:
    """Something was opened, or dropped before, and nothing can be paid now. What never was opened is no news: whoever pays may try again."""
    tried = db.session.scalars(select(PaymentAttempt).where(PaymentAttempt.payment_id.in_(_paid_by(payment))).execution_options(populate_existing=True)).all()
    opened = any(any((attempt.session, attempt.intent, attempt.decline, attempt.dropped_at)) for attempt in tried)
    return payment.stands in PAYABLE and opened and not any(attempt.stands in LIVE_ATTEMPT for attempt in tried)
