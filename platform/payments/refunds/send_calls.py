"""Send a refund to the processor, or ask how it stands: transaction, call, transaction.

The key is written down before the first call and sent with each repetition, for ten minutes: the processor keeps even a failure of its own under a key for a
day. After that the refund is looked for among those of its payment, and only sent anew, with another key, when it is not there.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.lifecycle import RefundState
from payments.models import Payment, Refund
from payments.processor_failures import NoSuchObject, ProcessorUnavailable, RequestRefused
from payments.refunds.apply import NoRoomYet, OfNoPayment, apply_refund, refuse_refund
from payments.steps import lock_refund

log = structlog.get_logger()
# Long enough for whatever was begun under a key to be done or given up there. https://docs.stripe.com/api/idempotent_requests
KEY_HOLDS = timedelta(minutes=10)
AGAIN_SOON, AGAIN_LATER = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Call:
    reference: str
    intent: str
    amount: int
    currency: str
    key: str
    fresh: bool


def send_refund(refund_id: int) -> None:
    """Send it, once, however often this runs. The processor being away is no failure: it is tried again by the clock."""
    with transaction():
        call = _begin(refund_id, now=now_of_transaction())
    if call is None:
        return
    try:
        told = None if call.fresh else next((each for each in processor.refunds_of(call.intent) if each.reference == call.reference), None)
        if told is None and not call.fresh:
            with transaction():
                call = _with_new_key(refund_id, call, now=now_of_transaction())
        told = told or processor.create_refund(
            reference=call.reference, payment_intent=call.intent, amount=call.amount, currency=call.currency, idempotency_key=call.key
        )
    except ProcessorUnavailable as away:
        log.warning("refund_not_sent", refund=refund_id, reason=away.reason)
        return
    except RequestRefused as refused:
        with transaction():
            refuse_refund(refund_id, code=refused.code, now=now_of_transaction())
        recognise_refunds(call.intent)
        return
    with transaction():
        apply_refund(told, now=now_of_transaction())


def look_at_refund(refund_id: int) -> None:
    """Ask how a refund that the processor has stands now."""
    with transaction():
        refund = db.session.get_one(Refund, refund_id)
        named, waits = refund.processor_id, refund.stands is RefundState.PENDING
        refund.look_at = now_of_transaction() + AGAIN_LATER if waits else refund.look_at
    if named is None or not waits:
        return
    try:
        told = processor.retrieve_refund(named)
    except (ProcessorUnavailable, NoSuchObject) as away:
        log.warning("refund_not_read", refund=refund_id, error=type(away).__name__)
        return
    with transaction():
        apply_refund(told, now=now_of_transaction())


def recognise_refunds(intent: str) -> None:
    """Take over every refund of a charge, whoever made it."""
    try:
        refunds = processor.refunds_of(intent)
    except ProcessorUnavailable as away:
        log.warning("refunds_not_read", reason=away.reason)
        return
    for told in refunds:
        try:
            with transaction():
                apply_refund(told, now=now_of_transaction())
        except OfNoPayment:
            continue
        except NoRoomYet:
            log.warning("refund_has_no_room_yet", refund=told.id)


def _begin(refund_id: int, *, now: datetime) -> _Call | None:
    payment, refund = lock_refund(refund_id)
    if refund.stands is not RefundState.REQUESTED or payment.intent is None or refund.key is None:
        return None
    fresh = refund.sent_at is None or now - refund.sent_at < KEY_HOLDS
    refund.sent_at = refund.sent_at or now
    refund.look_at = now + AGAIN_SOON
    return _call_of(payment, refund, payment.intent, refund.key, fresh=fresh)


def _with_new_key(refund_id: int, call: _Call, *, now: datetime) -> _Call:
    payment, refund = lock_refund(refund_id)
    stem, _, number = call.key.rpartition(":")
    refund.key, refund.sent_at = f"{stem}:{int(number) + 1}", now
    return _call_of(payment, refund, call.intent, refund.key, fresh=True)


def _call_of(payment: Payment, refund: Refund, intent: str, key: str, *, fresh: bool) -> _Call:
    return _Call(str(refund.public_id), intent, refund.amount, payment.captured_currency or payment.currency, key, fresh)
