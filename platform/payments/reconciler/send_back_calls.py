"""Give back money that belongs to no payment, once (`make_once_calls`): transaction, call, transaction."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from core.jobs import job
from payments import processor
from payments.ledger import rules
from payments.ledger.post import post
from payments.make_once_calls import Turn, begin_turn, make_once
from payments.processor_facts import Refund
from payments.processor_failures import ProcessorUnavailable, RequestRefused
from payments.reconciler.decide import close_if_decided, note_decision
from payments.reconciler.models import Difference
from payments.reconciler.postings import fees_of, gone_back

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Call:
    amount: int
    currency: str
    turn: Turn


def send_back(difference_id: int) -> None:
    """Everything that is left of it, once (`make_once_calls`). ProcessorUnavailable: it is tried again; refused for good, the difference is open again and
    says why.
    """
    with transaction():
        difference = _settling(difference_id)
        if difference is None:
            return
        name, ours, is_written = difference.name, str(difference.public_id), difference.refund_amount is not None
    try:
        charge = processor.retrieve_payment_intent(name).charge
        left = charge.captured - charge.refunded if charge is not None else 0
        if charge is None or not (left or is_written):
            raise RequestRefused("charge_already_refunded")
        with transaction():
            call = _begin(difference_id, left, charge.currency, now=now_of_transaction())
        if call is None:
            return
        told = make_once(
            call.turn,
            lock=lambda: _settling(difference_id),
            find=lambda: next((each for each in processor.refunds_of(name) if each.reference == ours), None),
            make=lambda key: processor.create_refund(reference=ours, payment_intent=name, amount=call.amount, currency=call.currency, idempotency_key=key),
        )
    except RequestRefused as refused:
        with transaction():
            _open_again(difference_id, refused.code)
        return
    if told is not None:
        with transaction():
            _sent(difference_id, told)


@job("payments.send_back_nobodys", outside=True)
def send_back_nobodys(difference_id: int) -> None:
    try:
        send_back(difference_id)
    except ProcessorUnavailable as away:
        log.warning("nobodys_money_not_sent_back", difference=difference_id, reason=away.reason)


def _begin(difference_id: int, left: int, currency: str, *, now: datetime) -> _Call | None:
    """Write down what is given back and that it is tried, before the processor hears of it."""
    difference = _settling(difference_id)
    if difference is None:
        return None
    difference.refund_amount = difference.refund_amount or left
    return _Call(difference.refund_amount, currency, begin_turn(difference, now=now))


def _settling(difference_id: int) -> Difference | None:
    """The difference, locked, while it waits to be sent."""
    difference = db.session.get_one(Difference, difference_id, with_for_update=True, populate_existing=True)
    return difference if difference.state == "settling" and difference.refund_key is not None else None


def _sent(difference_id: int, told: Refund) -> None:
    difference, now = db.session.get_one(Difference, difference_id, with_for_update=True, populate_existing=True), now_of_transaction()
    if difference.state != "settling":
        return
    assert difference.decided_by is not None
    difference.refund = told.id
    movements = gone_back(told.amount, told.currency) + fees_of(difference.drift)
    post(movements, once=f"difference:{difference.id}:decided", now=now, by=difference.decided_by)
    post(rules.refund_left(told.amount, told.currency), once=f"difference:{difference.id}:refund_left", now=now, by=difference.decided_by)
    note_decision(difference, "refunded", by=difference.decided_by, now=now)
    close_if_decided(difference, by=difference.decided_by, now=now)


def _open_again(difference_id: int, code: str) -> None:
    difference = db.session.get_one(Difference, difference_id, with_for_update=True, populate_existing=True)
    difference.state, difference.decided_by, difference.failure, difference.changed_at = "open", None, code, now_of_transaction()
