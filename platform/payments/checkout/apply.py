"""What the processor says of an attempt, taken over. The one function that webhooks, the page a payer comes back to, and the poller all end in.

It is given what was just read there, never what an event said, so it does not matter in which order, how often, or by whom it is called.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.db import db
from payments.attention import need_person
from payments.cards.keep import keep_card
from payments.checkout.begin import LOOK_EVERY
from payments.checkout.together import settle_parts, tell_parts
from payments.ledger import books
from payments.lifecycle import LIVE_ATTEMPT, PAYABLE, AttemptState, PaymentState
from payments.models import Payment, PaymentAttempt
from payments.news import tell_later
from payments.processor_facts import CheckoutSession, PaymentIntent
from payments.steps import advance_attempt, advance_payment, lock_attempt

# https://docs.stripe.com/payments/paymentintents/lifecycle
AT_THE_BANK = frozenset({"processing", "requires_action", "requires_capture", "requires_confirmation"})


@dataclass(frozen=True, slots=True)
class Read:
    """What was read at the processor, in one moment: the hosted page, if there is one, and the payment behind it, if it was begun."""

    session: CheckoutSession | None
    intent: PaymentIntent | None

    @property
    def paid(self) -> PaymentIntent | None:
        return self.intent if self.intent is not None and self.intent.status == "succeeded" else None

    @property
    def is_over(self) -> bool:
        """Nobody can pay it any more, and nobody did."""
        ran_out = self.session is not None and self.session.status == "expired"
        return self.paid is None and (ran_out or (self.intent is not None and self.intent.status == "canceled"))

    @property
    def reference(self) -> str | None:
        told = self.session or self.intent
        return told.reference if told is not None else None


def apply_read(attempt_id: int, read: Read, *, now: datetime) -> Payment:
    """Move the attempt and its payment forward to what was read. Who asked is told in a transaction of its own: its job is enqueued in this one."""
    payment, attempt = lock_attempt(attempt_id)
    if attempt.stands not in LIVE_ATTEMPT:
        if read.paid is not None and attempt.stands is AttemptState.CLOSED:
            _unexpected(payment, read.paid, now=now)
        return payment
    if read.session is not None:
        attempt.session, attempt.address = read.session.id, read.session.url
    if read.intent is not None:
        attempt.intent, attempt.decline = read.intent.id, read.intent.last_decline_code or read.intent.last_code
    if read.paid is not None:
        advance_attempt(attempt, AttemptState.SUCCEEDED, now=now)
        take_money(payment, read.paid, now=now)
        keep_card(payment, attempt, read.paid, now=now)
        tell_later.enqueue(payment_id=payment.id)
    elif read.is_over:
        advance_attempt(attempt, AttemptState.CLOSED, now=now)
        _return_to_payable(payment, now=now)
        tell_later.enqueue(payment_id=payment.id)
        tell_parts(payment)
    else:
        _still_open(payment, attempt, read, now=now)
    db.session.flush()
    return payment


def note_stray(attempt_id: int, intent: PaymentIntent, *, now: datetime) -> None:
    """Money under the reference of this attempt's payment that no attempt has: what was closed as never made has arrived after all. While something is live it
    is left to that.
    """
    payment, attempt = lock_attempt(attempt_id)
    known = db.session.scalars(select(PaymentAttempt.id).where(PaymentAttempt.intent == intent.id)).first()
    if intent.status == "succeeded" and attempt.stands not in LIVE_ATTEMPT and known is None:
        _unexpected(payment, intent, now=now)


def take_money(payment: Payment, intent: PaymentIntent, *, now: datetime) -> None:
    """The processor has captured this. Settled when it is what was asked for; otherwise a person decides. The caller holds the lock of the payment."""
    if payment.stands not in PAYABLE:
        _unexpected(payment, intent, now=now)
        return
    payment.captured_amount, payment.captured_currency = intent.received, intent.currency
    payment.intent, payment.charge = intent.id, intent.charge.id if intent.charge else None
    asked, fee = (payment.amount, payment.currency, str(payment.public_id)), intent.charge.fee if intent.charge else None
    if (intent.received, intent.currency, intent.reference) == asked:
        advance_payment(payment, PaymentState.SETTLED, now=now)
        books.book_processor_fee(payment, fee, now=now)
        settle_parts(payment, now=now)
        return
    advance_payment(payment, PaymentState.MISMATCHED, now=now)
    books.book_processor_fee(payment, fee, now=now)
    need_person(
        "wrong_amount",
        ("payment", payment.public_id),
        person_id=payment.payer_id,
        priority="high",
        now=now,
        asked=payment.amount,
        currency=payment.currency,
        captured=intent.received,
        captured_currency=intent.currency,
    )


def _still_open(payment: Payment, attempt: PaymentAttempt, read: Read, *, now: datetime) -> None:
    if attempt.stands is AttemptState.INTENDED:
        advance_attempt(attempt, AttemptState.OPEN, now=now)
    attempt.look_at = now + LOOK_EVERY
    if read.intent is not None and read.intent.status in AT_THE_BANK:
        if payment.stands is PaymentState.OPEN:
            advance_payment(payment, PaymentState.PROCESSING, now=now)
    else:
        _return_to_payable(payment, now=now)


def _return_to_payable(payment: Payment, *, now: datetime) -> None:
    if payment.stands is PaymentState.PROCESSING:
        advance_payment(payment, PaymentState.OPEN, now=now)


def _unexpected(payment: Payment, intent: PaymentIntent, *, now: datetime) -> None:
    """Money for something that is settled or over already: it must be nobody's fault to be somebody's case."""
    if intent.id == payment.intent:
        return
    need_person(
        "unexpected_money",
        ("payment_intent", intent.id),
        person_id=payment.payer_id,
        priority="high",
        now=now,
        payment=str(payment.public_id),
        captured=intent.received,
        currency=intent.currency,
    )
