"""Nobody is to pay this any more: at once where nothing is open at the processor, else by a job that closes it there first."""

import uuid
from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from core.jobs import job
from payments.ask import asked_for_all
from payments.checkout.begin import live_attempt
from payments.checkout.look_calls import ProcessorUnavailable, close_attempt, try_again_later
from payments.lifecycle import PAYABLE, PaymentState
from payments.models import Payment
from payments.steps import advance_payment


class GivenUp(StrEnum):
    """What became of it, the weightiest of several payers first."""

    PAID = "paid"
    CLOSING = "closing"  # it can be paid until the processor says otherwise; who asked hears of either
    NOTHING_OPEN = "nothing_open"  # it is over, or was never asked for


def give_up(reference: uuid.UUID, purpose: str, *, reason: str, now: datetime) -> GivenUp:
    """End what was asked for, unless it is paid. The caller holds the locks of whoever asks for it."""
    return give_up_all([reference], purpose, reason=reason, now=now)[reference]


def give_up_all(references: Collection[uuid.UUID], purpose: str, *, reason: str, now: datetime) -> dict[uuid.UUID, GivenUp]:
    """The same for each of these, in one statement and what each payment that was asked for costs."""
    ended: dict[uuid.UUID, set[GivenUp]] = {}
    for payment in asked_for_all(references, purpose) if references else ():
        ended.setdefault(payment.reference, set()).add(_end(payment, reason=reason, now=now))
    return {each: next((what for what in GivenUp if what in ended.get(each, ())), GivenUp.NOTHING_OPEN) for each in references}


def _end(payment: Payment, *, reason: str, now: datetime) -> GivenUp:
    if payment.stands not in PAYABLE:
        return GivenUp.PAID
    attempt = live_attempt(payment)
    if attempt is not None:
        close_checkout.enqueue(attempt_id=attempt.id)
        return GivenUp.CLOSING
    advance_payment(payment, PaymentState.ENDED, now=now, reason=reason)
    return GivenUp.NOTHING_OPEN


@job("payments.close_checkout", outside=True)
def close_checkout(attempt_id: int) -> None:
    """Whoever asked for the payment is told by it, whatever it finds."""
    try:
        close_attempt(attempt_id)
    except ProcessorUnavailable:
        try_again_later(attempt_id)
        raise  # the queue repeats it
