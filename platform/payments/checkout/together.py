"""Several payments in one checkout: a cart collects them, one attempt pays it, and each is settled out of it and then goes its own way.

The parts add up to the cart, to the unit. Locks: the cart's row before those of its parts. Refuses to know what is paid for, like everything here.
"""

import uuid
from collections.abc import Sequence
from datetime import datetime

from core.money import Money
from payments.ask import ask_for, asked_for
from payments.checkout.begin import NotPayable, PaidTogether, live_attempt
from payments.lifecycle import PAYABLE, PaymentState
from payments.models import Payment
from payments.news import tell_later
from payments.refunds.request import give_back
from payments.steps import advance_payment, parts_of

PURPOSE = "cart"


def carts_asked_for(reference: uuid.UUID) -> Sequence[Payment]:
    """The payment of a cart, locked: whoever goes on to lock its parts has it first."""
    return asked_for(reference, PURPOSE)


def collect(parts: Sequence[Payment], *, reference: uuid.UUID, payer_id: int, now: datetime) -> Payment:
    """The one payment that collects exactly these (payable, of one currency, locked, as is what `carts_asked_for` found), so that they are paid together. What
    collected others, or came to another sum, ends while nobody is at its checkout. PaidTogether for a part that is at a checkout elsewhere, NotPayable once the
    cart, or one of these by itself, was paid.
    """
    known = next((each for each in carts_asked_for(reference) if each.payer_id == payer_id), None)
    collected = parts_of(known) if known is not None else []
    if known is not None and known.stands not in PAYABLE:
        raise NotPayable
    if known is not None and live_attempt(known) is not None:
        return known
    if any(part.stands not in PAYABLE for part in parts):
        raise NotPayable
    if any(live_attempt(part) is not None for part in parts):
        raise PaidTogether
    if known is not None and ({part.id for part in collected} != {part.id for part in parts} or known.amount != sum(part.amount for part in parts)):
        for part in collected:
            part.collected_by_id = None
        advance_payment(known, PaymentState.ENDED, now=now, reason="changed")
    total = Money(sum(part.amount for part in parts), parts[0].currency)
    cart = ask_for(total, reference=reference, purpose=PURPOSE, payer_id=payer_id, payee_id=None, now=now)
    for part in parts:
        part.collected_by_id = cart.id
    return cart


def settle_parts(cart: Payment, *, now: datetime) -> None:
    """The cart was paid: so is each of its parts, and whoever asked for it is told. What is no part's any more goes back. The caller holds the lock of the
    cart; for any other payment nothing happens.
    """
    for part in parts_of(cart):
        if part.stands in PAYABLE and part.amount <= cart.refundable:
            part.captured_amount, part.captured_currency = part.amount, part.currency
            cart.passed_on_amount += part.amount
            advance_payment(part, PaymentState.SETTLED, now=now)
    tell_parts(cart)
    if cart.purpose == PURPOSE:
        give_back(cart, cart.refundable, reason="not_possible", by=None, now=now)


def tell_parts(cart: Payment) -> None:
    """Whoever asked for them is told how they stand, each in a transaction of its own."""
    for part in parts_of(cart):
        tell_later.enqueue(payment_id=part.id)
