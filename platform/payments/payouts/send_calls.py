"""Send a payout to its payee's account, or part of it back, once (`make_once_calls`): transaction, call, transaction."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.attention import need_person
from payments.collection.models import ConnectedAccount
from payments.ledger import books
from payments.make_once_calls import LOOK_AROUND, Turn, begin_turn, make_once
from payments.payouts.held_back import held_back
from payments.payouts.models import Payout, PayoutReversal
from payments.payouts.rules import PayoutState, ReversalState
from payments.payouts.steps import advance_payout, advance_reversal, lock_payout, lock_reversal
from payments.processor_facts import Transfer
from payments.processor_failures import ProcessorUnavailable, RequestRefused
from payments.steps import charged_as

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Call:
    """`begun_at` is when it was first said, with whichever key."""

    reference: str
    destination: str
    amount: int
    currency: str
    charge: str | None
    begun_at: datetime
    now: datetime
    turn: Turn


def send_payout(payout_id: int) -> None:
    """Send it, once, however often this runs; nothing while something holds it back. The processor being away is no failure: the poller asks again."""
    with transaction():
        call = _begin(payout_id, now=now_of_transaction())
    if call is None:
        return
    try:
        told = make_once(call.turn, lock=lambda: _still_sending(payout_id), find=lambda: _found(call), make=lambda key: _transfer(call, key))
    except ProcessorUnavailable as away:
        log.warning("payout_not_sent", payout=payout_id, reason=away.reason)
        return
    except RequestRefused as refused:
        with transaction():
            _refused(payout_id, refused.code, now=now_of_transaction())
        return
    if told is not None:
        with transaction():
            _sent(payout_id, told.id, now=now_of_transaction())


def send_back(reversal_id: int) -> None:
    """Take part of a payout back, once; it waits while the payout itself is on its way."""
    with transaction():
        payment, payout, reversal = lock_reversal(reversal_id)
        if reversal.stands is not ReversalState.INTENDED or payout.transfer is None:
            return
        transfer, amount, currency, ours = payout.transfer, reversal.amount, payout.currency, str(reversal.public_id)
        turn = begin_turn(reversal, now=now_of_transaction())
    try:
        told = make_once(
            turn,
            lock=lambda: _still_intended(reversal_id),
            find=lambda: next((each for each in processor.reversals_of(transfer) if each.reference == ours), None),
            make=lambda key: processor.reverse_transfer(transfer, reference=ours, amount=amount, currency=currency, idempotency_key=key),
        )
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
    if told is None:
        return
    with transaction():
        payment, payout, reversal = lock_reversal(reversal_id)
        if reversal.stands is ReversalState.INTENDED:
            reversal.processor_id = told.id
            advance_reversal(reversal, ReversalState.DONE, now=now_of_transaction())
            books.book_reversed(payment, payout, reversal, now=now_of_transaction())


def _begin(payout_id: int, *, now: datetime) -> _Call | None:
    payment, payout = lock_payout(payout_id)
    account = db.session.get(ConnectedAccount, payout.payee_id, populate_existing=True)
    if payout.stands is PayoutState.EARNED:
        if now < payout.due_at:
            return None
        payout.waits_for = held_back(payout.reference, payment, account)
        if payout.waits_for is not None:
            return None
        amount = payout.would_send(payment)
        if not amount:
            advance_payout(payout, PayoutState.DROPPED, now=now)
            return None
        payout.amount, payout.key = amount, f"payout:{payout.public_id}:1"
        advance_payout(payout, PayoutState.SENDING, now=now)
    if payout.stands is not PayoutState.SENDING or account is None or account.reference is None:
        return None
    assert payout.amount is not None
    # What we add to a price that a code of ours made lower is in no charge: the whole then leaves our balance. So does what a gift code paid, long after it.
    is_of_it = payment is not None and payout.amount <= payment.captured_amount and payment.payee_id is not None
    charge = charged_as(payment)[1] if payment is not None and is_of_it else None
    turn = begin_turn(payout, now=now)
    return _Call(str(payout.public_id), account.reference, payout.amount, payout.currency, charge, payout.changed_at, now, turn)


def _transfer(call: _Call, key: str) -> Transfer:
    return processor.create_transfer(
        reference=call.reference, destination=call.destination, amount=call.amount, currency=call.currency, source_charge=call.charge, idempotency_key=key
    )


def _found(call: _Call) -> Transfer | None:
    between = call.begun_at - LOOK_AROUND, call.now + LOOK_AROUND
    return next((each for each in processor.transfers_between(*between) if each.reference == call.reference), None)


def _still_sending(payout_id: int) -> Payout | None:
    _, payout = lock_payout(payout_id)
    return payout if payout.stands is PayoutState.SENDING else None


def _still_intended(reversal_id: int) -> PayoutReversal | None:
    _, _, reversal = lock_reversal(reversal_id)
    return reversal if reversal.stands is ReversalState.INTENDED else None


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
