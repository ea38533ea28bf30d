"""The page of a cart: what is in it, what all of it costs, and the way to its one checkout. Works without a script, like the page of one hold."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.models import Person
from booking.carts.hold import release_cart
from booking.carts.reading import show_cart
from booking.paying.open_calls import PaymentPage, check_out_cart
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import db, transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from notices.letter import local_time

blueprint = Blueprint("cart_pages", __name__, template_folder="templates")
PAGE = "cart"


@blueprint.get(f"/{PAGE}/<uuid:cart_id>")
@allow(anyone)
def cart_page(cart_id: uuid.UUID) -> ResponseReturnValue:
    """What is in it, for whoever put it together."""
    return _page(cart_id, caller().require_person())


@blueprint.post(f"/{PAGE}/<uuid:cart_id>")
@allow(confirmed, outside=True)
def press_here(cart_id: uuid.UUID) -> ResponseReturnValue:
    """Open the checkout, or give everything back."""
    me, pressed = caller().require_person(), request.form.get("press", "")
    checkout: PaymentPage | None = None
    try:
        if pressed == "pay":
            checkout = check_out_cart(cart_id, by=me)
        elif pressed == "release":
            with transaction():
                release_cart(cart_id, by=me, now=now())
        else:
            raise Invalid("Please press one of the buttons.")
    except NotFound:
        raise  # there is no page to show it on
    except DomainError as refused:
        with transaction(read_only=True):
            return _page(cart_id, me, refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    with transaction(read_only=True):
        return _page(cart_id, me, checkout=checkout)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
press_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(cart_id: uuid.UUID, me: int, **more: Any) -> str:
    at, zone = now(), db.session.get_one(Person, me).zone
    cart = show_cart(cart_id, person_id=me, now=at)
    starts = [local_time(item.price.starts_at, zone) for item in cart.items]
    held_until = local_time(cart.held_until, zone) if cart.held_until else ""
    return render_template("booking/cart.html", cart=cart, starts=starts, held_until=held_until, csrf_token=csrf_token(), **more)
