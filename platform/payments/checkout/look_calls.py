"""Ask the processor how an attempt stands, and take it over: transaction, call, transaction; then tell who asked for the payment."""

import uuid
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import or_, select

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.cards.charge_calls import drop_intended, send_charge
from payments.checkout.apply import Read, apply_read
from payments.checkout.open_calls import CheckoutOver, CheckoutRefused, close_if_over, open_checkout
from payments.lifecycle import LIVE_ATTEMPT, AttemptState
from payments.models import Payment, PaymentAttempt
from payments.news import tell
from payments.processor_facts import PaymentIntent
from payments.processor_failures import NoSuchObject, ProcessorUnavailable, RequestRefused
from payments.steps import lock_attempt

log = structlog.get_logger()
AGAIN_SOON = timedelta(minutes=2)
# https://docs.stripe.com/payments/paymentintents/lifecycle
REFUSED = frozenset({"requires_payment_method"})
STOPPABLE = REFUSED | {"requires_action", "requires_capture", "requires_confirmation"}


@dataclass(frozen=True, slots=True)
class _Names:
    """What an attempt is called at the processor, as far as we know."""

    payment_id: int
    live: bool
    intended: bool
    is_charge: bool
    dropped: bool
    session: str | None
    intent: str | None
    key: str


def look_at_attempt(attempt_id: int) -> None:
    """Move our side forward to what the processor says. ProcessorUnavailable when it says nothing; NoSuchObject for a name it does not know."""
    names = _names(attempt_id)
    if names.intended and names.is_charge:
        (drop_intended if names.dropped else send_charge)(attempt_id)
        names = _names(attempt_id)
    elif names.intended:
        # An answer was lost, or nothing was sent yet: the same call with the same key tells which.
        try:
            open_checkout(attempt_id)
        except (CheckoutOver, CheckoutRefused):
            log.info("checkout_never_opened", attempt=attempt_id)
        except ProcessorUnavailable:
            if not close_if_over(attempt_id):
                raise
            log.warning("checkout_given_up", attempt=attempt_id)
        names = _names(attempt_id)
    if names.session is not None or names.intent is not None:
        read = _read(names)
        if names.is_charge and names.intent is not None and read.intent is not None and read.intent.status in (STOPPABLE if names.dropped else REFUSED):
            # A kept card that was refused, and nobody is there to try another one with it; or nobody wants the charge any more.
            read = Read(None, _cancelled(names.intent, names.key) or read.intent)
        with transaction():
            apply_read(attempt_id, read, now=now_of_transaction())
    _tell(names.payment_id)


def close_attempt(attempt_id: int) -> None:
    """See to it that nobody can pay this attempt any more; if somebody was faster, it is paid. ProcessorUnavailable."""
    names = _names(attempt_id)
    if names.intended and names.is_charge:
        drop_intended(attempt_id)
    elif names.intended:
        look_at_attempt(attempt_id)
    names = _names(attempt_id)
    if names.live:
        try:
            if names.session is not None:
                processor.expire_checkout_session(names.session, idempotency_key=f"{names.key}:expire")
            elif names.intent is not None:
                processor.cancel_payment_intent(names.intent, idempotency_key=f"{names.key}:cancel")
        except RequestRefused as refused:
            log.info("attempt_moved_on", attempt=attempt_id, code=refused.code)
    look_at_attempt(attempt_id)


def look_at_payment(public_id: uuid.UUID) -> None:
    """The same for the live attempt of a payment, named as it is outside, or of the cart in which it is paid; nothing where none is live."""
    with transaction():
        paid_by = or_(Payment.id == PaymentAttempt.payment_id, Payment.collected_by_id == PaymentAttempt.payment_id)
        wanted = select(PaymentAttempt.id).join(Payment, paid_by).where(Payment.public_id == public_id)
        wanted = wanted.where(PaymentAttempt.state.in_([state.value for state in LIVE_ATTEMPT]))
        attempt_id = db.session.scalars(wanted).one_or_none()
    if attempt_id is not None:
        look_at_attempt(attempt_id)


def try_again_later(attempt_id: int) -> None:
    """The processor said nothing: the poller asks again."""
    with transaction():
        _, attempt = lock_attempt(attempt_id)
        if attempt.stands in LIVE_ATTEMPT:
            attempt.look_at = now_of_transaction() + AGAIN_SOON


def _names(attempt_id: int) -> _Names:
    with transaction():
        attempt = db.session.get_one(PaymentAttempt, attempt_id, populate_existing=True)
        live = attempt.stands in LIVE_ATTEMPT
        intended, is_charge = attempt.stands is AttemptState.INTENDED, attempt.kind == "charge"
        dropped = attempt.dropped_at is not None
        return _Names(attempt.payment_id, live, intended, is_charge, dropped, attempt.session, attempt.intent, attempt.key)


def _read(names: _Names) -> Read:
    session = processor.retrieve_checkout_session(names.session) if names.session else None
    intent = (session and session.payment_intent) or names.intent
    return Read(session, processor.retrieve_payment_intent(intent) if intent else None)


def _cancelled(intent: str, key: str) -> PaymentIntent | None:
    """None when it has moved on."""
    try:
        return processor.cancel_payment_intent(intent, idempotency_key=f"{key}:cancel")
    except RequestRefused:
        return None


def _tell(payment_id: int) -> None:
    with transaction():
        tell(payment_id, now=now_of_transaction())


__all__ = ["NoSuchObject", "ProcessorUnavailable", "close_attempt", "look_at_attempt", "look_at_payment", "try_again_later"]
