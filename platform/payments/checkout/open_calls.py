"""Open the checkout that was written down: transaction, call, transaction. Running it again, also after a lost answer, gives the same page."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import now as now_of_transaction
from core.configuration import setting
from core.db import db, transaction
from core.errors import Conflict, Unavailable
from payments import processor
from payments.attention import need_person
from payments.checkout.begin import new_customer_key
from payments.lifecycle import AttemptState
from payments.models import PayerCustomer
from payments.processor_facts import CheckoutSession
from payments.processor_failures import IdempotencyKeyReused, ProcessorUnavailable, RequestRefused
from payments.steps import advance_attempt, lock_attempt, parts_of

log = structlog.get_logger()
PAGE = "payments"
# What the payer and the processor read. It names no trade: card statements and receipts lie on kitchen tables.
ITEM = "Appointment"
ITEMS = {"gift": "Gift code"}  # by purpose, where it is something else


class CheckoutOver(Conflict):
    """The attempt was closed before it could be opened; another one may be begun."""

    code, detail = "checkout_over", "This checkout is over. Please start it again."


class CheckoutRefused(Unavailable):
    code, detail = "checkout_refused", "This cannot be paid at the moment. Nothing was charged; we are looking into it."


@dataclass(frozen=True, slots=True)
class OpenCheckout:
    """Where the payer pays, and until when."""

    address: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class _Call:
    reference: uuid.UUID
    payer_id: int
    lines: Sequence[tuple[str, int]]
    currency: str
    expires_at: datetime
    save_card: bool
    key: str


def open_checkout(attempt_id: int) -> OpenCheckout:
    """The hosted page of this attempt. CheckoutOver, CheckoutRefused; ProcessorUnavailable (503), and then the same attempt can be
    opened later.
    """
    with transaction():
        call = _begin(attempt_id, now=now_of_transaction())
    if isinstance(call, OpenCheckout):
        return call
    customer = customer_of(call.payer_id)
    page = f"{setting('BASE_URL')}/{PAGE}/{call.reference}"
    try:
        session = processor.create_checkout_session(
            reference=str(call.reference),
            customer=customer,
            lines=call.lines,
            currency=call.currency,
            success_url=page,
            cancel_url=page,
            expires_at=call.expires_at,
            save_card=call.save_card,
            idempotency_key=call.key,
        )
    except RequestRefused as refused:
        with transaction():
            _refused(attempt_id, refused, now=now_of_transaction())
        if refused.param == "expires_at":
            raise CheckoutOver from refused
        log.error("checkout_refused", attempt=attempt_id, code=refused.code, param=refused.param)
        raise CheckoutRefused from refused
    with transaction():
        return _opened(attempt_id, session, now=now_of_transaction())


def customer_of(person_id: int) -> str:
    """The processor's name for this payer, made there the first time. Their row is written already."""
    with transaction():
        kept = db.session.get_one(PayerCustomer, person_id, populate_existing=True)
        customer, key = kept.customer, kept.key
    if customer is not None:
        return customer
    try:
        customer = processor.create_customer(reference=key, idempotency_key=key)
    except ProcessorUnavailable as away:
        if away.reason == "http_500":
            _give_up_key(person_id, key)
        raise
    with transaction():
        kept = db.session.get_one(PayerCustomer, person_id, populate_existing=True, with_for_update=True)
        kept.customer = kept.customer or customer
        return kept.customer


def close_if_over(attempt_id: int) -> bool:
    """Close an attempt that was never opened and whose time is over; whether it is closed now. Its page was never shown to anybody, so nobody can have paid."""
    with transaction():
        _, attempt = lock_attempt(attempt_id)
        now = now_of_transaction()
        if attempt.stands is AttemptState.INTENDED and attempt.expires_at is not None and now >= attempt.expires_at:
            advance_attempt(attempt, AttemptState.CLOSED, now=now)
        return attempt.stands is AttemptState.CLOSED


def _give_up_key(person_id: int, key: str) -> None:
    """A failure that the processor keeps under a key is its answer to that key for a day. A customer made twice costs nobody anything: ask anew."""
    with transaction():
        kept = db.session.get_one(PayerCustomer, person_id, populate_existing=True, with_for_update=True)
        if kept.customer is None and kept.key == key:
            kept.key = new_customer_key()


def _begin(attempt_id: int, *, now: datetime) -> _Call | OpenCheckout:
    payment, attempt = lock_attempt(attempt_id)
    assert attempt.expires_at is not None
    if attempt.stands is AttemptState.OPEN and attempt.address and now < attempt.expires_at:
        return OpenCheckout(attempt.address, attempt.expires_at)
    if attempt.stands is not AttemptState.INTENDED:
        raise CheckoutOver
    attempt.sent_at = attempt.sent_at or now
    item = ITEMS.get(payment.purpose, ITEM)
    lines = [(item, part.amount) for part in parts_of(payment) or [payment]]
    return _Call(payment.public_id, payment.payer_id, lines, payment.currency, attempt.expires_at, attempt.saves_card, attempt.key)


def _opened(attempt_id: int, session: CheckoutSession, *, now: datetime) -> OpenCheckout:
    _, attempt = lock_attempt(attempt_id)
    assert attempt.expires_at is not None
    if attempt.stands is AttemptState.INTENDED:
        attempt.session, attempt.intent, attempt.address = session.id, session.payment_intent, session.url
        advance_attempt(attempt, AttemptState.OPEN, now=now)
    if attempt.stands is not AttemptState.OPEN or not session.url:
        raise CheckoutOver
    return OpenCheckout(session.url, attempt.expires_at)


def _refused(attempt_id: int, refused: RequestRefused, *, now: datetime) -> None:
    """It never was there: a repetition of a call that had its effect is answered with that effect. Unless the key was used for something else, of which nobody
    knows whether it can be paid.
    """
    payment, attempt = lock_attempt(attempt_id)
    if refused.param != "expires_at":
        need_person("checkout_refused", ("payment", payment.public_id), person_id=payment.payer_id, now=now, code=refused.code, param=refused.param)
    if attempt.stands is AttemptState.INTENDED and not isinstance(refused, IdempotencyKeyReused):
        advance_attempt(attempt, AttemptState.CLOSED, now=now)
