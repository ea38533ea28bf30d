"""Carts over HTTP: several openings held all or none, and paid at one checkout."""

import uuid
from typing import Any

from booking.carts.hold import Item, hold_together, release_cart
from booking.carts.reading import CartShown, show_cart
from booking.carts.schemas import CartSchema, HoldTogetherSchema
from booking.paying.open_calls import CheckoutPage, check_out_cart
from booking.paying.schemas import CheckoutSchema
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent

blueprint = Blueprint("carts", __name__, url_prefix="/api/v1/carts", description="Several openings, held and paid together")
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@blueprint.post("")
@allow(confirmed)
@blueprint.hears(*KEY)
@idempotent
@blueprint.takes(HoldTogetherSchema)
@blueprint.gives(201, CartSchema)
def hold(body: dict[str, Any]) -> CartShown:
    """Hold two or three openings for ten minutes, all of them or none; each is a hold like any other, with its own price."""
    cart = hold_together(_me(), [Item(**item) for item in body["items"]], origin=body["origin"], now=now())
    return show_cart(cart.public_id, person_id=_me(), now=now())


@blueprint.get("/<uuid:cart_id>")
@allow(signed_in)
@blueprint.gives(200, CartSchema)
def read(cart_id: uuid.UUID) -> CartShown:
    """What is in it, what became of each, and what all that is still held costs."""
    return show_cart(cart_id, person_id=_me(), now=now())


@blueprint.post("/<uuid:cart_id>/checkout")
@allow(confirmed, outside=True)
@blueprint.gives(200, CheckoutSchema)
def open_checkout(cart_id: uuid.UUID) -> CheckoutPage:
    """Open the one page where all that is held is paid by card; asked again, the same page. What is not free any more by then goes back by itself."""
    return check_out_cart(cart_id, by=_me())


@blueprint.post("/<uuid:cart_id>/release")
@allow(confirmed)
@blueprint.gives(200, CartSchema)
def release(cart_id: uuid.UUID) -> CartShown:
    """Give all that is still held back."""
    release_cart(cart_id, by=_me(), now=now())
    return show_cart(cart_id, person_id=_me(), now=now())


def _me() -> int:
    return caller().require_person()
