"""News of the payment of a cart: what of it no card had to pay is booked now. Each paid part hears for itself (`paying.heard`). Connected by the assembly."""

from datetime import datetime

from sqlalchemy import select

from booking.carts.hold import cart_under_lock
from booking.carts.models import Cart
from booking.hold import confirm_hold
from core.db import db, savepoint
from core.errors import DomainError
from payments.checkout.together import PURPOSE
from payments.give_up import give_up
from payments.news import Kept, PaymentNews, Verdict

__all__ = ["PURPOSE", "hear_of_payment"]


def hear_of_payment(news: PaymentNews, now: datetime) -> Verdict:
    """What was collected is its parts' already, so there is nothing to give back from here. Hearing it again changes nothing."""
    cart = db.session.scalars(select(Cart).where(Cart.public_id == news.reference)).one_or_none()
    if cart is None:
        return Kept()
    _, held = cart_under_lock(cart.public_id, client_id=cart.client_id, now=now)
    if news.paid is None:
        give_up(news.reference, PURPOSE, reason="unpaid", now=now)
        return Kept()
    for each in held:
        if not each.is_paid_online:
            try:
                with savepoint():
                    confirm_hold(each, by=news.payer_id, now=now)
            except DomainError:  # it stays held until its own time is over, and its client sees it beside the rest
                db.session.refresh(each)
    return Kept()
