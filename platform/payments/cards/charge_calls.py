"""Charge a kept card while its holder is away, once (`make_once_calls`): transaction, call, transaction.

A charge that the bank refuses is closed at the processor at once: whoever pays it later does so by another attempt.
"""

from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import select

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.attention import need_person
from payments.checkout.apply import Read, apply_read
from payments.lifecycle import AttemptState
from payments.make_once_calls import LOOK_AROUND, ON_ITS_WAY, Turn, begin_turn, make_once
from payments.models import PayerCustomer, Payment, PaymentAttempt, SavedCard
from payments.news import tell_later
from payments.processor_facts import PaymentIntent
from payments.processor_failures import CardDeclined, IdempotencyKeyReused, RequestRefused
from payments.steps import advance_attempt, lock_attempt

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Trace:
    """By what it is found at the processor: created in [since, until), and none of those that other attempts at this payment made."""

    reference: str
    since: datetime
    until: datetime
    others: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Call:
    trace: _Trace
    customer: str
    method: str
    amount: int
    currency: str
    turn: Turn


def send_charge(attempt_id: int) -> None:
    """Nothing for an attempt that is not intended any more, or was dropped. ProcessorUnavailable, and then the same attempt can be sent again."""
    with transaction():
        call = _begin(attempt_id, now=now_of_transaction())
    if call is None:
        return
    try:
        intent = make_once(call.turn, lock=lambda: _still_intended(attempt_id), find=lambda: _found(call.trace), make=lambda key: _charge(call, key))
    except CardDeclined as declined:
        _declined(attempt_id, declined)
        return
    except RequestRefused as refused:
        log.error("charge_refused", attempt=attempt_id, code=refused.code, param=refused.param)
        with transaction():
            _refused(attempt_id, refused, now=now_of_transaction())
        return
    if intent is None:
        return
    with transaction():
        apply_read(attempt_id, Read(None, intent), now=now_of_transaction())


def drop_intended(attempt_id: int) -> None:
    """Nobody wants this charge any more: it is begun no more. It is closed once the processor has nothing of it, which can be known only when a call that was
    begun before has had its time to arrive; until then the poller asks again. What did arrive is open, and `look_calls` closes it there.
    """
    with transaction():
        trace, looked_at = _drop(attempt_id, now=now_of_transaction()), now_of_transaction()
    found = _found(trace) if trace is not None else None
    with transaction():
        _, attempt = lock_attempt(attempt_id)
        if attempt.stands is not AttemptState.INTENDED:
            return
        assert attempt.dropped_at is not None
        if found is not None:
            attempt.intent = found.id
            advance_attempt(attempt, AttemptState.OPEN, now=now_of_transaction())
        elif attempt.sent_at is None or looked_at - attempt.dropped_at >= ON_ITS_WAY:
            advance_attempt(attempt, AttemptState.CLOSED, now=now_of_transaction())


def _drop(attempt_id: int, *, now: datetime) -> _Trace | None:
    """By what it is found; None for what was never sent, or is over."""
    payment, attempt = lock_attempt(attempt_id)
    if attempt.stands is not AttemptState.INTENDED:
        return None
    if attempt.dropped_at is None:
        attempt.dropped_at, attempt.look_at = now, now + ON_ITS_WAY
    return _trace_of(payment, attempt, now=now) if attempt.sent_at is not None else None


def _begin(attempt_id: int, *, now: datetime) -> _Call | None:
    payment, attempt = lock_attempt(attempt_id)
    if not _is_to_be_sent(attempt) or attempt.saved_card_id is None:
        return None
    card = db.session.get_one(SavedCard, attempt.saved_card_id)
    customer = db.session.execute(select(PayerCustomer.customer).where(PayerCustomer.person_id == card.payer_id)).scalar_one()
    trace, turn = _trace_of(payment, attempt, now=now), begin_turn(attempt, now=now)
    return _Call(trace, customer or "", card.method, payment.amount, payment.currency, turn)


def _still_intended(attempt_id: int) -> PaymentAttempt | None:
    _, attempt = lock_attempt(attempt_id)
    return attempt if _is_to_be_sent(attempt) else None


def _is_to_be_sent(attempt: PaymentAttempt) -> bool:
    return attempt.stands is AttemptState.INTENDED and attempt.dropped_at is None


def _charge(call: _Call, key: str) -> PaymentIntent:
    return processor.charge_saved_card(
        reference=call.trace.reference,
        customer=call.customer,
        payment_method=call.method,
        amount=call.amount,
        currency=call.currency,
        idempotency_key=key,
    )


def _trace_of(payment: Payment, attempt: PaymentAttempt, *, now: datetime) -> _Trace:
    others = select(PaymentAttempt.intent).where(PaymentAttempt.payment_id == payment.id, PaymentAttempt.id != attempt.id, PaymentAttempt.intent.is_not(None))
    named = frozenset(intent for intent in db.session.scalars(others) if intent is not None)
    return _Trace(str(payment.public_id), attempt.created_at - LOOK_AROUND, now + LOOK_AROUND, named)


def _found(trace: _Trace) -> PaymentIntent | None:
    """What became of a call whose answer was lost."""
    begun = [each for each in processor.payment_intents_between(trace.since, trace.until) if each.reference == trace.reference and each.status != "canceled"]
    return next((each for each in begun if each.id not in trace.others), None)


def _declined(attempt_id: int, declined: CardDeclined) -> None:
    """The bank said no, or wants to see its customer. What was begun for it is closed, so that nobody pays it beside another attempt."""
    with transaction():
        _, attempt = lock_attempt(attempt_id)
        attempt.decline = declined.decline_code or declined.code
        if declined.payment_intent is None:
            _close_unsent(attempt, now=now_of_transaction())
            return
        attempt.intent, key = declined.payment_intent, attempt.key
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
