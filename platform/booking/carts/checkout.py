"""The one checkout of a cart: every rule is asked of each hold before anybody pays, and all of them live as long as what was opened can still be paid.

A price is each hold's own (`paying.price`). What no card pays (a free talk, a session of a pack, what a gift code covers) is booked when the rest is paid.
"""

import uuid
from datetime import datetime

from booking.carts.hold import cart_under_lock
from booking.hold import renew_hold, require_confirmable
from booking.paying.checkout import AFTER_CHECKOUT, MOST_CHECKOUTS, Checkout, NothingToPay, TooManyCheckouts, ask_client
from booking.refusals import HoldExpired
from payments.checkout.begin import attempts_made, begin_checkout, live_attempt
from payments.checkout.together import carts_asked_for, collect


def begin_paying_cart(public_id: uuid.UUID, *, by: int, now: datetime) -> Checkout:
    """Begin, or go on with, the one payment of what is still held of a cart.

    Refusals: NotFound, HoldExpired when nothing of it is held, those of `hold.require_confirmable` of each, NothingToPay, `payee_not_ready`, PaidTogether,
    NotPayable once it is paid, TooManyCheckouts.
    """
    cart, held = cart_under_lock(public_id, client_id=by, now=now)
    if not held:
        raise HoldExpired
    for each in held:
        require_confirmable(each, by=by, now=now)
    paid_here = [each for each in held if each.is_paid_online]
    if not paid_here:
        raise NothingToPay
    carts_asked_for(cart.public_id)  # its lock comes before those of its parts
    payment = collect([ask_client(each, by, now=now) for each in paid_here], reference=cart.public_id, payer_id=by, now=now)
    if live_attempt(payment) is None and attempts_made(payment, opened=True) >= MOST_CHECKOUTS:
        raise TooManyCheckouts
    attempt = begin_checkout(payment, now=now)
    assert attempt.expires_at is not None
    for each in held:
        renew_hold(each, attempt.expires_at + AFTER_CHECKOUT, now)
    return Checkout(attempt.id, payment.public_id, payment.asked, min(each.lapses_at for each in held if each.lapses_at is not None))
