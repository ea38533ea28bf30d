"""Send a payout to its payee's account, or part of it back: transaction, call, transaction.

The key is written down before the first call and sent with each repetition, for ten minutes: the processor keeps even a failure of its own under a key for a
day. After that what was sent is looked for, and only sent anew, with another key, when it is not there.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.attention import need_person
from payments.collection.models import ConnectedAccount
from payments.ledger import books
from payments.payouts.held_back import held_back
from payments.payouts.rules import PayoutState, ReversalState, amount_to_send
from payments.payouts.steps import advance_payout, advance_reversal, lock_payout, lock_reversal
from payments.processor_facts import Transfer
from payments.processor_failures import ProcessorUnavailable, RequestRefused

log = structlog.get_logger()
# Long enough for whatever was begun under a key to be done or given up there. https://docs.stripe.com/api/idempotent_requests
KEY_HOLDS = timedelta(minutes=10)
LOOK_BACK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class _Call:
    """`begun_at` is when it was first said, with whichever key; `fresh` whether its key still protects it."""

    reference: str
    destination: str
    amount: int
    currency: str
    charge: str | None
    key: str
    begun_at: datetime
    now: datetime
    fresh: bool


def send_payout(payout_id: int) -> None:
    """Send it, once, however often this runs; nothing while something holds it back. The processor being away is no failure: the poller asks again."""
    with transaction():
        call = _begin(payout_id, now=now_of_transaction())
    if call is None:
        return
    try:
        known = None if call.fresh else _found(call)
        if known is None and not call.fresh:
            with transaction():
                call = _with_new_key(payout_id, call)
        told = known or processor.create_transfer(
            reference=call.reference,
            destination=call.destination,
            amount=call.amount,
            currency=call.currency,
            source_charge=call.charge,
            idempotency_key=call.key,
        )
    except ProcessorUnavailable as away:
        log.warning("payout_not_sent", payout=payout_id, reason=away.reason)
        return
    except RequestRefused as refused:
        with transaction():
            _refused(payout_id, refused.code, now=now_of_transaction())
        return
    with transaction():
        _sent(payout_id, told.id, now=now_of_transaction())


def send_back(reversal_id: int) -> None:
    """Take part of a payout back, once; it waits while the payout itself is on its way."""
    with transaction():
        payment, payout, reversal = lock_reversal(reversal_id)
        if reversal.stands is not ReversalState.INTENDED or payout.transfer is None:
            return
        reversal.sent_at = reversal.sent_at or now_of_transaction()
        transfer, amount, currency, key, ours = payout.transfer, reversal.amount, payout.currency, reversal.key, str(reversal.public_id)
        fresh = now_of_transaction() - reversal.sent_at < KEY_HOLDS
    try:
        known = None if fresh else next((each for each in processor.reversals_of(transfer) if each.reference == ours), None)
        if known is None and not fresh:
            with transaction():
                _, _, reversal = lock_reversal(reversal_id)
                reversal.key, reversal.sent_at = next_key(reversal.key), now_of_transaction()
                key = reversal.key
        told = known or processor.reverse_transfer(transfer, reference=ours, amount=amount, currency=currency, idempotency_key=key)
    except ProcessorUnavailable as away:
        log.warning("reversal_not_sent", reversal=reversal_id, reason=away.reason)
        return
    except RequestRefused as refused:
        code = refused.code
        with transaction():
            payment, payout, reversal = lock_reversal(reversal_id)
            advance_reversal(reversal, ReversalState.NEEDS_PERSON, now=now_of_transaction(), failure=code)
            need_person(
                "not_taken_back", ("payout", payout.public_id), person_id=payout.payee_id, now=now_of_transaction(), code=code, amount=amount, currency=currency
            )
        return
    with transaction():
        payment, payout, reversal = lock_reversal(reversal_id)
        if reversal.stands is ReversalState.INTENDED:
            reversal.processor_id = told.id
            advance_reversal(reversal, ReversalState.DONE, now=now_of_transaction())
            books.book_reversed(payment, reversal, payout.payee_id, now=now_of_transaction())


def _begin(payout_id: int, *, now: datetime) -> _Call | None:
    payment, payout = lock_payout(payout_id)
    account = db.session.get(ConnectedAccount, payout.payee_id, populate_existing=True)
    if payout.stands is PayoutState.EARNED:
        if now < payout.due_at:
            return None
        payout.waits_for = held_back(payout.reference, payment, account)
        if payout.waits_for is not None:
            return None
        amount = amount_to_send(payment.refundable, payment.our_part(payment.refundable), payout.share)
        if not amount:
            advance_payout(payout, PayoutState.DROPPED, now=now)
            return None
        payout.amount, payout.key, payout.sent_at = amount, f"payout:{payout.public_id}:1", now
        advance_payout(payout, PayoutState.SENDING, now=now)
    if payout.stands is not PayoutState.SENDING or account is None or account.reference is None:
        return None
    assert payout.amount is not None
    assert payout.key is not None
    assert payout.sent_at is not None
    fresh = now - payout.sent_at < KEY_HOLDS
    # What we add to a price that a code of ours made lower is in no charge: the whole then leaves our balance.
    charge = payment.charge if payout.amount <= payment.captured_amount else None
    return _Call(str(payout.public_id), account.reference, payout.amount, payout.currency, charge, payout.key, payout.changed_at, now, fresh)


def _found(call: _Call) -> Transfer | None:
    between = call.begun_at - LOOK_BACK, call.now + LOOK_BACK
    return next((each for each in processor.transfers_between(*between) if each.reference == call.reference), None)


def _with_new_key(payout_id: int, call: _Call) -> _Call:
    _, payout = lock_payout(payout_id)
    payout.key, payout.sent_at = next_key(call.key), now_of_transaction()
    return replace(call, key=payout.key, fresh=True)


def next_key(key: str) -> str:
    """The same with the next number."""
    stem, _, number = key.rpartition(":")
    return f"{stem}:{int(number) + 1}"


def _sent(payout_id: int, transfer: str, *, now: datetime) -> None:
    payment, payout = lock_payout(payout_id)
    if payout.stands is PayoutState.SENDING:
        payout.transfer = transfer
        advance_payout(payout, PayoutState.SENT, now=now)
        books.book_paid_out(payment, payout, now=now)


def _refused(payout_id: int, code: str, *, now: datetime) -> None:
    _, payout = lock_payout(payout_id)
    if payout.stands is PayoutState.SENDING:
        advance_payout(payout, PayoutState.NEEDS_PERSON, now=now, failure=code)
        need_person(
            "payout_refused", ("payout", payout.public_id), person_id=payout.payee_id, now=now, code=code, amount=payout.amount, currency=payout.currency
        )
