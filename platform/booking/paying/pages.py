"""The page of a hold: what it costs, a lower fee, a code, and the way to its checkout. Works without a script.

It leads to the card processor by a link and not by a redirect, because our pages let forms go nowhere else.
"""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.models import Person
from booking.hold import confirm_own_hold
from booking.paying.open_calls import CheckoutPage, check_out
from booking.paying.price import Chosen, choose_price
from booking.paying.price_shown import show_price
from booking.paying.schemas import LONGEST_CODE
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import db, transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from notices.letter import local_time

blueprint = Blueprint("price_pages", __name__, template_folder="templates")
PRICE_PAGE = "appointment/price"
LONGEST_NAME = 200


@blueprint.get(f"/{PRICE_PAGE}/<uuid:booking_id>")
@allow(anyone)
def price_page(booking_id: uuid.UUID) -> ResponseReturnValue:
    """What a hold costs, for whoever holds it."""
    try:
        return _page(booking_id, caller().require_person())
    except DomainError as refused:
        return render_template("accounts/done.html", title="That did not work", text=refused.detail), STATUS_OF_KIND[refused.kind]


@blueprint.post(f"/{PRICE_PAGE}/<uuid:booking_id>")
@allow(confirmed, outside=True)
def press_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Take the lower fee or the code, open the checkout, or book what costs nothing here."""
    me, checkout = caller().require_person(), None
    try:
        checkout = _press(booking_id, me)
    except NotFound as refused:
        return render_template("accounts/done.html", title="That did not work", text=refused.detail), STATUS_OF_KIND[refused.kind]
    except DomainError as refused:
        with transaction(read_only=True):
            return _page(booking_id, me, refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    with transaction(read_only=True):
        return _page(booking_id, me, checkout=checkout)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
press_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _press(booking_id: uuid.UUID, me: int) -> CheckoutPage | None:
    pressed = request.form.get("press", "")
    if pressed == "pay":
        return check_out(booking_id, by=me)
    with transaction():
        if pressed == "price":
            choose_price(booking_id, Chosen(_field("concession", LONGEST_NAME), _field("code", LONGEST_CODE)), by=me, now=now())
        elif pressed == "pack":
            choose_price(booking_id, Chosen(by_pack=True), by=me, now=now())
        elif pressed == "book":
            confirm_own_hold(booking_id, by=me, now=now())
        else:
            raise Invalid("Please press one of the buttons.")
    return None


def _field(name: str, longest: int) -> str | None:
    value = request.form.get(name, "").strip()
    if len(value) > longest or not value.isprintable():
        raise Invalid("This is too long to be a code or the name of a fee.")
    return value or None


def _page(booking_id: uuid.UUID, me: int, **more: Any) -> str:
    price, zone = show_price(booking_id, person_id=me), db.session.get_one(Person, me).zone
    held_until = price.held_until
    times = {
        "start": local_time(price.starts_at, zone),
        "free_until": local_time(price.cancel_free_until, zone),
        "held_until": local_time(held_until, zone) if held_until else "",
    }
    return render_template("booking/price.html", price=price, csrf_token=csrf_token(), **times, **more)
