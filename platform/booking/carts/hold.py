"""Holding several openings at once: all of them or none. And giving back what is still held."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, select

from booking.advance import lock_rows
from booking.carts.models import Cart
from booking.ending import end_waiting
from booking.hold import hold_opening
from booking.lifecycle import State
from booking.models import INVOICES, Booking, Claim
from booking.open_limit import MOST_HOLDS
from booking.openings.offers import Offer, offer_named
from booking.paying.due import PURPOSE, NotPaidHere, PaidMeanwhile
from booking.refusals import HoldExpired
from core import audit
from core.db import db, lock_persons
from core.errors import DomainError, Invalid, NotFound
from payments.ask import asked_for
from payments.checkout.begin import PaidTogether, live_attempt
from payments.give_up import GivenUp, give_up_all

FEWEST, MOST_ITEMS = 2, MOST_HOLDS


@dataclass(frozen=True, slots=True)
class Item:
    """One opening of a service; `minutes` another of its lengths than the usual one, `title` what the client's own calendar shows."""

    service_id: uuid.UUID
    start: datetime
    minutes: int | None = None
    title: str | None = None


def hold_together(client_id: int, items: Sequence[Item], *, now: datetime, origin: str = "directory") -> Cart:
    """Hold every one of these for this client, or none; a live hold of theirs comes along as it is.

    Refusals are those of `hold_opening`, with the place of the item in `item`; Invalid for another number of items, for one opening twice and for services of
    several currencies; NotPaidHere where a therapist sends invoices; PaidTogether for a hold that is at a checkout.
    """
    if not FEWEST <= len(items) <= MOST_ITEMS:
        raise Invalid(errors={"items": [f"From {FEWEST} to {MOST_ITEMS}: as many as can be held at a time."]})
    if len({(item.service_id, item.start) for item in items}) < len(items):
        raise Invalid(errors={"items": ["Each opening once."]})
    offers = [_offer(item, place) for place, item in enumerate(items)]
    currencies = sorted({offer.fee_currency for offer in offers})
    if len(currencies) > 1:
        raise Invalid(errors={"items": [f"In one currency: these cost in {' and '.join(currencies)}."]})
    if any(offer.collects == INVOICES and offer.fee_amount for offer in offers):
        raise NotPaidHere("A therapist of these sends invoices of their own. Hold that appointment by itself; nothing is paid here for it.")
    # Everybody's locks at once, sorted: one after the other two carts could wait for each other.
    lock_persons(client_id, *(offer.therapist_id for offer in offers))
    cart = Cart(public_id=uuid.uuid4(), client_id=client_id, currency=currencies[0], made_at=now)
    db.session.add(cart)
    db.session.flush()
    for place, item in enumerate(items):
        try:
            booking = hold_opening(client_id, item.service_id, item.start, title=item.title, minutes=item.minutes, origin=origin, now=now)
        except DomainError as refused:
            refused.extra["item"] = place
            raise
        if any(live_attempt(payment) is not None for payment in asked_for(booking.public_id, PURPOSE)):
            raise PaidTogether
        booking.cart_id = cart.id
    db.session.flush()
    audit.record("booking.cart_held", subject=("cart", cart.id), actor=client_id, items=len(items))
    return cart


def cart_under_lock(public_id: uuid.UUID, *, client_id: int, now: datetime) -> tuple[Cart, Sequence[Booking]]:
    """A cart with what is still held of it, in the order of the starts, with everybody's locks held. NotFound for anybody else's."""
    cart = db.session.scalars(select(Cart).where(Cart.public_id == public_id, Cart.client_id == client_id)).one_or_none()
    if cart is None:
        raise NotFound
    people = select(Claim.person_id).join(Booking, Booking.id == Claim.booking_id).where(Booking.cart_id == cart.id).distinct()
    lock_persons(client_id, *db.session.execute(people).scalars())
    return cart, lock_rows(and_(Booking.cart_id == cart.id, Booking.state == State.HELD.value, Booking.lapses_at > now))


def release_cart(public_id: uuid.UUID, *, by: int, now: datetime) -> Cart:
    """Give back all that is still held. While its checkout is open that is closed at the card processor first. NotFound, HoldExpired, PaidMeanwhile."""
    cart, held = cart_under_lock(public_id, client_id=by, now=now)
    if not held:
        raise HoldExpired
    standing = give_up_all([each.public_id for each in held if each.is_paid_online], PURPOSE, reason="released", now=now)
    if GivenUp.PAID in standing.values():
        raise PaidMeanwhile
    for each in held:
        if standing.get(each.public_id, GivenUp.NOTHING_OPEN) is GivenUp.NOTHING_OPEN:
            end_waiting(each, State.RELEASED, by=by, reason=None, now=now)
    return cart


def _offer(item: Item, place: int) -> Offer:
    offer = offer_named(item.service_id)
    if offer is None:
        raise NotFound(extra={"item": place})
    return offer
