"""Give back money that belongs to no payment: transaction, call, transaction, with one key however often it is tried."""

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from core.jobs import job
from payments import processor
from payments.ledger import rules
from payments.ledger.post import post
from payments.processor_facts import Refund
from payments.processor_failures import ProcessorUnavailable, RequestRefused
from payments.reconciler.decide import close_if_decided, note_decision
from payments.reconciler.models import Difference
from payments.reconciler.postings import fees_of, gone_back

log = structlog.get_logger()


def send_back(difference_id: int) -> None:
    """Everything that is left of it. ProcessorUnavailable: it is tried again; refused for good, the difference is open again and says why."""
    with transaction():
        difference = db.session.get_one(Difference, difference_id, populate_existing=True)
        if difference.state != "settling" or difference.refund_key is None:
            return
        name, key, ours = difference.name, difference.refund_key, str(difference.public_id)
    try:
        known = next((each for each in processor.refunds_of(name) if each.reference == ours), None)
        told = known or _refund_what_is_left(name, ours, key)
    except RequestRefused as refused:
        with transaction():
            _open_again(difference_id, refused.code)
        return
    with transaction():
        _sent(difference_id, told)


@job("payments.send_back_nobodys", outside=True)
def send_back_nobodys(difference_id: int) -> None:
    try:
        send_back(difference_id)
    except ProcessorUnavailable as away:
        log.warning("nobodys_money_not_sent_back", difference=difference_id, reason=away.reason)


def _refund_what_is_left(name: str, reference: str, key: str) -> Refund:
    charge = processor.retrieve_payment_intent(name).charge
    left = charge.captured - charge.refunded if charge is not None else 0
    if charge is None or not left:
        raise RequestRefused("charge_already_refunded")
    return processor.create_refund(reference=reference, payment_intent=name, amount=left, currency=charge.currency, idempotency_key=key)


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
