"""To the page where a gift code is paid: transaction, call, transaction."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from core.clock import now as now_of_transaction
from core.db import transaction
from core.money import Money
from payments.checkout.open_calls import CheckoutOver, open_checkout
from payments.gifts.sell import begin_buying


@dataclass(frozen=True, slots=True)
class GiftPage:
    """Where it is paid, what it costs, and until when."""

    payment_id: uuid.UUID
    address: str
    price: Money
    expires_at: datetime


def buy_gift(public_id: uuid.UUID, *, by: int) -> GiftPage:
    """The hosted page on which this code is paid; asked again, the same one. Refusals of `begin_buying`; ProcessorUnavailable (503)."""
    try:
        return _open(public_id, by=by)
    except CheckoutOver:  # one that the processor never heard of, and would not open any more, is begun anew once
        return _open(public_id, by=by)


def _open(public_id: uuid.UUID, *, by: int) -> GiftPage:
    with transaction():
        attempt_id, payment = begin_buying(public_id, by=by, now=now_of_transaction())
        payment_id, price = payment.public_id, payment.asked
    page = open_checkout(attempt_id)
    return GiftPage(payment_id, page.address, price, page.expires_at)
