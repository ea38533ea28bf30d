"""To the page where something is paid: transaction, call, transaction."""

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from booking.carts.checkout import begin_paying_cart
from booking.packs.sell import begin_buying
from booking.paying.checkout import Begun, begin_paying
from booking.paying.pay_due import begin_paying_due
from booking.paying.series_checkout import ChargeOfDate, begin_paying_series
from core.clock import now as now_of_transaction
from core.db import transaction
from core.money import Money
from payments.cards.terms import CardTerms
from payments.checkout.open_calls import CheckoutOver, OpenCheckout, open_checkout

Anything = TypeVar("Anything", bound=Begun)


@dataclass(frozen=True, slots=True)
class PaymentPage:
    """Where something is paid, what it costs, and until when."""

    payment_id: uuid.UUID
    address: str
    price: Money
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CheckoutPage(PaymentPage):
    """The same for a hold, and how long that lives."""

    held_until: datetime


@dataclass(frozen=True, slots=True)
class SeriesPage(CheckoutPage):
    """The same for a series: in which words the card is kept, and what is charged to it when."""

    terms: CardTerms
    charges: Sequence[ChargeOfDate]


def check_out(public_id: uuid.UUID, *, by: int) -> CheckoutPage:
    """The hosted page on which this hold is paid; asked again, the same one. Refusals of `begin_paying`; ProcessorUnavailable (503), and the hold stays."""
    begun, page = _opened(lambda now: begin_paying(public_id, by=by, now=now))
    return CheckoutPage(begun.payment_id, page.address, begun.price, page.expires_at, begun.held_until)


def check_out_series(public_id: uuid.UUID, *, by: int) -> SeriesPage:
    """The same for a series: its first date is paid there, and the card is kept. Refusals of `begin_paying_series`."""
    begun, page = _opened(lambda now: begin_paying_series(public_id, by=by, now=now))
    return SeriesPage(begun.payment_id, page.address, begun.price, page.expires_at, begun.held_until, begun.terms, begun.charges)


def check_out_cart(public_id: uuid.UUID, *, by: int) -> CheckoutPage:
    """The same for all that is held of a cart. Refusals of `begin_paying_cart`."""
    begun, page = _opened(lambda now: begin_paying_cart(public_id, by=by, now=now))
    return CheckoutPage(begun.payment_id, page.address, begun.price, page.expires_at, begun.held_until)


def check_out_due(public_id: uuid.UUID, *, by: int) -> PaymentPage:
    """The hosted page on which what is due for an appointment is paid; asked again, the same one. Refusals of `begin_paying_due`."""
    begun, page = _opened(lambda now: begin_paying_due(public_id, by=by, now=now))
    return PaymentPage(begun.payment_id, page.address, begun.price, page.expires_at)


def buy_pack(public_id: uuid.UUID, *, by: int) -> PaymentPage:
    """The hosted page on which this pack is paid; asked again, the same one. Refusals of `begin_buying`; ProcessorUnavailable (503)."""
    begun, page = _opened(lambda now: begin_buying(public_id, by=by, now=now))
    return PaymentPage(begun.payment_id, page.address, begun.price, page.expires_at)


def _opened(begin: Callable[[datetime], Anything]) -> tuple[Anything, OpenCheckout]:
    """An attempt that the processor never heard of, and would not open any more, is begun anew once."""
    with transaction():
        begun = begin(now_of_transaction())
    try:
        return begun, open_checkout(begun.attempt_id)
    except CheckoutOver:
        with transaction():
            begun = begin(now_of_transaction())
        return begun, open_checkout(begun.attempt_id)
