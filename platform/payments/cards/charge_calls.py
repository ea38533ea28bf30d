"""Charge a kept card while its holder is away: transaction, call, transaction. Running it again, also after a lost answer, charges nobody twice.

A charge that the bank refuses is closed at the processor at once: whoever pays it later does so by another attempt.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import select

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.attention import need_person
from payments.checkout.apply import Read, apply_read
from payments.lifecycle import AttemptState
from payments.models import PayerCustomer, PaymentAttempt, SavedCard
from payments.news import tell_later
from payments.processor_facts import PaymentIntent
from payments.processor_failures import CardDeclined, IdempotencyKeyReused, RequestRefused
from payments.steps import advance_attempt, lock_attempt

log = structlog.get_logger()
# Keys are kept for at least a day: https://docs.stripe.com/api/idempotent_requests
KEY_HOLDS = timedelta(hours=23)
LOOK_BACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Call:
    """`begun_at` is when it was first said, None if it never was; `fresh` whether its key still protects it."""

    reference: str
    customer: str
    method: str
    amount: int
    currency: str
    key: str
    begun_at: datetime | None
    fresh: bool


def send_charge(attempt_id: int) -> None:
    """Nothing for an attempt that is not intended any more. ProcessorUnavailable, and then the same attempt can be sent again."""
    with transaction():
        call = _begin(attempt_id, now=now_of_transaction())
    if call is None:
        return
    try:
        intent = None if call.fresh else _found(call)
        intent = intent or processor.charge_saved_card(
            reference=call.reference,
            customer=call.customer,
            payment_method=call.method,
            amount=call.amount,
            currency=call.currency,
            idempotency_key=call.key,
        )
    except CardDeclined as declined:
        _declined(attempt_id, declined, key=call.key)
        return
    except RequestRefused as refused:
        log.error("charge_refused", attempt=attempt_id, code=refused.code, param=refused.param)
        with transaction():
            _refused(attempt_id, refused, now=now_of_transaction())
        return
    with transaction():
        apply_read(attempt_id, Read(None, intent), now=now_of_transaction())


def drop_intended(attempt_id: int) -> None:
    """Nobody wants this charge any more: it is closed unless the processor has it; then `look_calls` closes it there."""
    with transaction():
        call = _call_of(attempt_id, now=now_of_transaction())
    found = _found(call) if call is not None and call.begun_at is not None else None
    with transaction():
        _, attempt = lock_attempt(attempt_id)
        if attempt.stands is AttemptState.INTENDED and found is None:
            advance_attempt(attempt, AttemptState.CLOSED, now=now_of_transaction())
        elif attempt.stands is AttemptState.INTENDED and found is not None:
            attempt.intent = found.id
            advance_attempt(attempt, AttemptState.OPEN, now=now_of_transaction())


def _begin(attempt_id: int, *, now: datetime) -> _Call | None:
    call = _call_of(attempt_id, now=now)
    if call is not None:
        attempt = db.session.get_one(PaymentAttempt, attempt_id)
        attempt.sent_at = attempt.sent_at or now
    return call


def _call_of(attempt_id: int, *, now: datetime) -> _Call | None:
    payment, attempt = lock_attempt(attempt_id)
    if attempt.stands is not AttemptState.INTENDED or attempt.saved_card_id is None:
        return None
    card = db.session.get_one(SavedCard, attempt.saved_card_id)
    customer = db.session.execute(select(PayerCustomer.customer).where(PayerCustomer.person_id == card.payer_id)).scalar_one()
    fresh = attempt.sent_at is None or now - attempt.sent_at < KEY_HOLDS
    amount, currency = payment.amount, payment.currency
    return _Call(str(payment.public_id), customer or "", card.method, amount, currency, attempt.key, attempt.sent_at, fresh)


def _found(call: _Call) -> PaymentIntent | None:
    """What became of a call whose answer was lost."""
    assert call.begun_at is not None
    since, until = call.begun_at - LOOK_BACK, call.begun_at + KEY_HOLDS + LOOK_BACK
    return next((each for each in processor.payment_intents_between(since, until) if each.reference == call.reference and each.status != "canceled"), None)


def _declined(attempt_id: int, declined: CardDeclined, *, key: str) -> None:
    """The bank said no, or wants to see its customer. What was begun for it is closed, so that nobody pays it beside another attempt."""
    with transaction():
        _, attempt = lock_attempt(attempt_id)
        attempt.decline = declined.decline_code or declined.code
        if declined.payment_intent is None:
            _close_unsent(attempt, now=now_of_transaction())
            return
        attempt.intent = declined.payment_intent
        if attempt.stands is AttemptState.INTENDED:
            advance_attempt(attempt, AttemptState.OPEN, now=now_of_transaction())
    try:
        intent = processor.cancel_payment_intent(declined.payment_intent, idempotency_key=f"{key}:cancel")
    except RequestRefused as refused:
        log.info("charge_moved_on", attempt=attempt_id, code=refused.code)
        intent = processor.retrieve_payment_intent(declined.payment_intent)
    with transaction():
        apply_read(attempt_id, Read(None, intent), now=now_of_transaction())


def _refused(attempt_id: int, refused: RequestRefused, *, now: datetime) -> None:
    """The card is gone at the processor, or the call is wrong. Nothing was charged, unless the key was used for something else, of which nobody knows."""
    payment, attempt = lock_attempt(attempt_id)
    attempt.decline = refused.code
    need_person("charge_refused", ("payment", payment.public_id), person_id=payment.payer_id, now=now, code=refused.code, param=refused.param)
    if not isinstance(refused, IdempotencyKeyReused):
        _close_unsent(attempt, now=now)


def _close_unsent(attempt: PaymentAttempt, *, now: datetime) -> None:
    if attempt.stands is AttemptState.INTENDED:
        advance_attempt(attempt, AttemptState.CLOSED, now=now)
    tell_later.enqueue(payment_id=attempt.payment_id)
