"""From a hold to the page where it is paid: transaction, call, transaction."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from booking.paying.checkout import begin_paying
from core.clock import now as now_of_transaction
from core.db import transaction
from core.money import Money
from payments.checkout.open_calls import CheckoutOver, open_checkout


@dataclass(frozen=True, slots=True)
class CheckoutPage:
    """Where a hold is paid, what it costs, and until when."""

    payment_id: uuid.UUID
    address: str
    price: Money
    expires_at: datetime
    held_until: datetime


def check_out(public_id: uuid.UUID, *, by: int) -> CheckoutPage:
    """The hosted page on which this hold is paid; asked again, the same one. Refusals of `begin_paying`; ProcessorUnavailable (503), and the hold stays.

    A page that the processor never heard of, and would not open any more, is begun anew once.
    """
    with transaction():
        begun = begin_paying(public_id, by=by, now=now_of_transaction())
    try:
        page = open_checkout(begun.attempt_id)
    except CheckoutOver:
        with transaction():
            begun = begin_paying(public_id, by=by, now=now_of_transaction())
        page = open_checkout(begun.attempt_id)
    return CheckoutPage(begun.payment_id, page.address, begun.price, page.expires_at, begun.held_until)
