"""A cart as its client sees it: each item with its own price and state, and what all of it costs."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from booking.carts.models import Cart
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.price_shown import PriceShown, show_price
from core.db import db
from core.errors import NotFound
from core.money import Money
from therapists.models import Service, Therapist


@dataclass(frozen=True, slots=True)
class ItemShown:
    """One opening of it."""

    therapist: str
    service_id: uuid.UUID
    price: PriceShown


@dataclass(frozen=True, slots=True)
class CartShown:
    """`to_pay` is what a card pays of all that is still held: nothing is added to it anywhere. `held_until` is None when nothing is held any more."""

    public_id: uuid.UUID
    items: Sequence[ItemShown]
    to_pay: Money
    held_until: datetime | None


def show_cart(public_id: uuid.UUID, *, person_id: int, now: datetime) -> CartShown:
    """NotFound for anybody else's."""
    cart = db.session.scalars(select(Cart).where(Cart.public_id == public_id, Cart.client_id == person_id)).one_or_none()
    if cart is None:
        raise NotFound
    wanted = (
        select(Booking.public_id, Therapist.display_name, Service.public_id)
        .join(Therapist, Therapist.person_id == Booking.therapist_id)
        .join(Service, Service.id == Booking.service_id)
    )
    rows = db.session.execute(wanted.where(Booking.cart_id == cart.id).order_by(Booking.starts_at, Booking.id)).all()
    items = [ItemShown(name, service, show_price(booking, person_id=person_id, now=now)) for booking, name, service in rows]
    held = [item.price for item in items if item.price.state == State.HELD.value and item.price.held_until is not None and item.price.held_until > now]
    by_card = sum(price.to_pay.amount for price in held)
    until = min((price.held_until for price in held if price.held_until is not None), default=None)
    return CartShown(cart.public_id, items, Money(by_card, cart.currency), until)
