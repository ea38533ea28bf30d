"""Send a refund to the processor, once (`make_once_calls`), or ask how it stands: transaction, call, transaction."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.lifecycle import RefundState
from payments.make_once_calls import Turn, begin_turn, make_once
from payments.models import Refund
from payments.processor_failures import NoSuchObject, ProcessorUnavailable, RequestRefused
from payments.refunds.apply import NoRoomYet, OfNoPayment, apply_refund, refuse_refund
from payments.steps import charged_as, lock_refund

log = structlog.get_logger()
AGAIN_SOON, AGAIN_LATER = timedelta(minutes=1), timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Call:
    reference: str
    intent: str
    amount: int
    currency: str
    turn: Turn


def send_refund(refund_id: int) -> None:
    """Send it, once, however often this runs. The processor being away is no failure: it is tried again by the clock."""
    with transaction():
        call = _begin(refund_id, now=now_of_transaction())
    if call is None:
        return
    try:
        told = make_once(
            call.turn,
            lock=lambda: _still_requested(refund_id),
            find=lambda: next((each for each in processor.refunds_of(call.intent) if each.reference == call.reference), None),
            make=lambda key: processor.create_refund(
                reference=call.reference, payment_intent=call.intent, amount=call.amount, currency=call.currency, idempotency_key=key
            ),
        )
    except ProcessorUnavailable as away:
        log.warning("refund_not_sent", refund=refund_id, reason=away.reason)
        return
    except RequestRefused as refused:
        with transaction():
            refuse_refund(refund_id, code=refused.code, now=now_of_transaction())
        recognise_refunds(call.intent)
        return
    if told is not None:
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
    intent, _ = charged_as(payment)
    if refund.stands is not RefundState.REQUESTED or intent is None or refund.key is None:
        return None
    refund.look_at = now + AGAIN_SOON
    currency = payment.captured_currency or payment.currency
    return _Call(str(refund.public_id), intent, refund.amount, currency, begin_turn(refund, now=now))


def _still_requested(refund_id: int) -> Refund | None:
    _, refund = lock_refund(refund_id)
    return refund if refund.stands is RefundState.REQUESTED else None
