"""What confirming a difference does to our rows, each under the lock of its payment, with the postings that keep the books at zero.

Every function is given the difference, what the processor said just now (where it is asked), who decides and when. It returns the movements that make up for
the drift, or None when the facts themselves are taken over and booked like any news of them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import select

from core.db import db
from core.errors import Conflict
from payments import processor_facts as said
from payments.checkout.apply import take_money
from payments.ledger import books, rules
from payments.ledger.accounts import Movement
from payments.ledger.books import AHEAD
from payments.lifecycle import RefundState
from payments.models import Dispute, Payment, Refund
from payments.news import tell_later
from payments.payouts.models import Payout
from payments.payouts.rules import PayoutState
from payments.payouts.steps import advance_payout, lock_payout
from payments.reconciler.models import Difference
from payments.reconciler.postings import ahead, balance_against, fees_of, shared
from payments.refunds.apply import NoRoomYet, apply_dispute, apply_refund
from payments.steps import advance_refund, lock_payment, lock_refund

Told: TypeAlias = said.PaymentIntent | said.Refund | said.Dispute | None


class NotWhileGivenBack(Conflict):
    code, detail = "given_back_already", "More of this payment was given back than would be left of it. Settle its refunds first, or write the difference off."


class PayeeUnknown(Conflict):
    code, detail = "payee_unknown", "Nobody here has that account, so there is nobody to book it to. Write it off, or take it back at the processor."


class OverSeveral(Conflict):
    code, detail = "over_several", "Several payments of a cart bear this refund, so its amount cannot be taken over. Write the difference off."


@dataclass(frozen=True, slots=True)
class Decision:
    """`by` decides at `now`."""

    difference: Difference
    told: Told
    by: int
    now: datetime


TakeOver: TypeAlias = Callable[[Decision], list[Movement] | None]


def captured_unnoticed(it: Decision) -> None:
    assert isinstance(it.told, said.PaymentIntent)
    payment = _payment(it)
    take_money(payment, it.told, now=it.now)
    tell_later.enqueue(payment_id=payment.id)


def captured_missing(it: Decision) -> list[Movement]:
    payment = _payment(it)
    if payment.returned_amount or payment.passed_on_amount:
        raise NotWhileGivenBack
    movements = _share(payment, payment.captured_amount, 0, payment.captured_currency or payment.currency)
    payment.captured_amount = 0
    return movements + fees_of(it.difference.drift)


def captured_amount(it: Decision) -> list[Movement]:
    payment, there = _payment(it), it.difference.theirs_amount
    assert there is not None
    if payment.returned_amount + payment.passed_on_amount > there:
        raise NotWhileGivenBack
    movements = _share(payment, payment.refundable, there - payment.returned_amount - payment.passed_on_amount, payment.captured_currency or payment.currency)
    payment.captured_amount = there
    return movements + fees_of(it.difference.drift)


def captured_currency(it: Decision) -> list[Movement]:
    payment, difference = _payment(it), it.difference
    assert difference.theirs_amount is not None
    assert difference.theirs_currency is not None
    if payment.returned_amount or payment.passed_on_amount:
        raise NotWhileGivenBack
    out = _share(payment, payment.captured_amount, 0, payment.captured_currency or payment.currency)
    payment.captured_amount, payment.captured_currency = difference.theirs_amount, difference.theirs_currency
    return out + _share(payment, 0, payment.captured_amount, payment.captured_currency) + fees_of(difference.drift)


def captured_not_booked(it: Decision) -> None:
    payment = _payment(it)
    books.book_captured(payment, now=it.now)
    for kind, _, amount in it.difference.drift:
        if kind == "fee":
            books.book_processor_fee(payment, -int(amount), now=it.now)


def fee_differs(it: Decision) -> list[Movement]:
    return fees_of(it.difference.drift)


def refund_told(it: Decision) -> None:
    assert isinstance(it.told, said.Refund)
    try:
        apply_refund(it.told, now=it.now)
    except NoRoomYet:
        raise NotWhileGivenBack from None


def refund_missing(it: Decision) -> None:
    for payment, refund in _refunds(it):
        advance_refund(payment, refund, RefundState.FAILED, now=it.now, failure="never_sent")


def refund_amount(it: Decision) -> list[Movement]:
    refunds = _refunds(it)
    if len(refunds) > 1:
        raise OverSeveral
    ((payment, refund),) = refunds
    there, before = it.difference.theirs_amount, payment.refundable
    assert there is not None
    if payment.returned_amount + there - refund.amount > payment.captured_amount:
        raise NotWhileGivenBack
    payment.returned_amount += there - refund.amount
    refund.amount = there
    return _share(payment, before, payment.refundable, payment.captured_currency or payment.currency)


def dispute_told(it: Decision) -> None:
    assert isinstance(it.told, said.Dispute)
    apply_dispute(it.told, now=it.now)


def dispute_amount(it: Decision) -> list[Movement]:
    _payment(it)
    dispute, there = db.session.scalars(select(Dispute).where(Dispute.processor_id == it.difference.name)).one(), it.difference.theirs_amount
    assert there is not None
    dispute.amount = there
    return balance_against(it.difference.drift, rules.DISPUTE)


def transfer_unnoticed(it: Decision) -> None:
    payment, payout = _payout(it, Payout.state == PayoutState.SENDING.value)
    payout.transfer = it.difference.name
    advance_payout(payout, PayoutState.SENT, now=it.now)
    books.book_paid_out(payment, payout, now=it.now)


def transfer_amount(it: Decision) -> list[Movement]:
    _, payout = _payout(it, Payout.transfer == it.difference.name)
    there = it.difference.theirs_amount
    assert there is not None
    if payout.returned_amount > there:
        raise NotWhileGivenBack
    payout.amount = there
    return to_payee(it)


def to_payee(it: Decision) -> list[Movement]:
    """The payee's account takes the difference."""
    if it.difference.person_id is None:
        raise PayeeUnknown
    return balance_against(it.difference.drift, ("therapist", it.difference.person_id))


def nothing(it: Decision) -> None:
    """It stays as it is, for the reason that was given."""


TAKE_OVER: dict[str, TakeOver] = {
    "captured_unnoticed": captured_unnoticed,
    "captured_missing": captured_missing,
    "captured_amount": captured_amount,
    "captured_currency": captured_currency,
    "captured_not_booked": captured_not_booked,
    "fee_differs": fee_differs,
    "refund_unknown": refund_told,
    "refund_unnoticed": refund_told,
    "refund_missing": refund_missing,
    "refund_amount": refund_amount,
    "refund_failed": refund_told,
    "dispute_unknown": dispute_told,
    "dispute_decided": dispute_told,
    "dispute_amount": dispute_amount,
    "transfer_unknown": to_payee,
    "transfer_unnoticed": transfer_unnoticed,
    "transfer_missing": to_payee,
    "transfer_amount": transfer_amount,
    "transfer_elsewhere": nothing,
    "reversal_unknown": to_payee,
    "reversal_missing": to_payee,
    "paid_for_nothing": nothing,
    "stands_unpaid": nothing,
}


def _payment(it: Decision) -> Payment:
    assert it.difference.payment_id is not None
    return lock_payment(it.difference.payment_id)


def _refunds(it: Decision) -> list[tuple[Payment, Refund]]:
    """Over a cart it is one of ours for each part that bears some of it."""
    named = select(Refund.id).where(Refund.processor_id == it.difference.name).order_by(Refund.payment_id)
    return [lock_refund(refund_id) for refund_id in db.session.scalars(named).all()]


def _payout(it: Decision, which: object) -> tuple[Payment | None, Payout]:
    """Out of the payment of the difference or, where we bore all of it, of that payee and amount."""
    difference = it.difference
    wanted = select(Payout.id).where(which, Payout.payment_id.is_not_distinct_from(difference.payment_id))  # type: ignore[arg-type]
    if difference.payment_id is None:
        wanted = wanted.where(Payout.payee_id == difference.person_id, Payout.currency == difference.theirs_currency)
    return lock_payout(db.session.execute(wanted.order_by(Payout.id).limit(1)).scalar_one())


def _share(payment: Payment, before: int, after: int, currency: str) -> list[Movement]:
    """Of a payment `after` is kept instead of `before`: payee and platform bear it as they share what is kept."""
    if payment.purpose in AHEAD:
        return ahead(after - before, currency)
    ours = payment.our_part(after) - payment.our_part(before)
    return shared(payment.payee, after - before - ours, ours, currency)
