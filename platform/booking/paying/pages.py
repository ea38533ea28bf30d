"""The page of a hold: what it costs, a lower fee, a code, and the way to its checkout; later the page where what is due is paid. Works without a script.

It leads to the card processor by a link and not by a redirect, because our pages let forms go nowhere else. To its therapist it is the page where a date that
was not paid is kept or released.
"""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.identity import csrf_token
from accounts.models import Person
from booking.hold import confirm_own_hold
from booking.models import Booking
from booking.paying.charge_clock import PlannedCharge
from booking.paying.charge_letters import PRICE_PAGE
from booking.paying.decide_unpaid import DECISIONS, decide_unpaid
from booking.paying.models import SessionCharge
from booking.paying.open_calls import PaymentPage, check_out, check_out_due, check_out_series
from booking.paying.price import Chosen, choose_price
from booking.paying.price_shown import PriceShown, show_price
from booking.paying.schemas import LONGEST_CODE
from booking.series.hold import confirm_own_series
from booking.series.models import Series
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import db, transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from notices.letter import local_time
from payments.cards.terms import terms_on

blueprint = Blueprint("price_pages", __name__, template_folder="templates")
LONGEST_NAME = 200
DONE = {"keep": ("The appointment stays", "Your client can still pay it, and reads so."), "release": ("The time is free", "We have written to your client.")}


@blueprint.get(f"/{PRICE_PAGE}/<uuid:booking_id>")
@allow(anyone)
def price_page(booking_id: uuid.UUID) -> ResponseReturnValue:
    """What it costs, for whoever attends it; what to do about a date that is not paid, for its therapist."""
    me = caller().require_person()
    start = _unpaid_of(booking_id, me)
    return _page(booking_id, me) if start is None else render_template("booking/unpaid.html", start=start, csrf_token=csrf_token())


@blueprint.post(f"/{PRICE_PAGE}/<uuid:booking_id>")
@allow(confirmed, outside=True)
def press_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Take the lower fee or the code, open the checkout, book what costs nothing here, or say whether an unpaid date stays."""
    me, pressed = caller().require_person(), request.form.get("press", "")
    try:
        if pressed in DECISIONS:
            with transaction():
                decide_unpaid(booking_id, pressed, by=me, now=now())
            title, text = DONE[pressed]
            return render_template("accounts/done.html", title=title, text=text)
        checkout = _press(booking_id, pressed, me)
    except NotFound:
        raise  # there is no page to show it on
    except DomainError as refused:
        with transaction(read_only=True):
            return _page(booking_id, me, refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    with transaction(read_only=True):
        return _page(booking_id, me, checkout=checkout)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
press_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _press(booking_id: uuid.UUID, pressed: str, me: int) -> PaymentPage | None:
    with transaction(read_only=True):
        is_held, series_id = show_price(booking_id, person_id=me, now=now()).held_until is not None, _series_of(booking_id)
    if pressed == "pay" and not is_held:
        return check_out_due(booking_id, by=me)
    if pressed == "pay":
        return check_out(booking_id, by=me) if series_id is None else check_out_series(series_id, by=me)
    with transaction():
        if pressed == "price":
            choose_price(
                booking_id, Chosen(_field("concession", LONGEST_NAME), _field("code", LONGEST_CODE), gift=_field("gift", LONGEST_CODE)), by=me, now=now()
            )
        elif pressed == "pack":
            choose_price(booking_id, Chosen(by_pack=True), by=me, now=now())
        elif pressed == "book" and series_id is not None:
            confirm_own_series(series_id, by=me, now=now())
        elif pressed == "book":
            confirm_own_hold(booking_id, by=me, now=now())
        else:
            raise Invalid("Please press one of the buttons.")
    return None


def _series_of(booking_id: uuid.UUID) -> uuid.UUID | None:
    wanted = select(Series.public_id).join(Booking, Booking.series_id == Series.id).where(Booking.public_id == booking_id)
    return db.session.scalars(wanted).one_or_none()


def _unpaid_of(booking_id: uuid.UUID, me: int) -> str | None:
    """When it begins, for the therapist of a date that waits for their choice."""
    wanted = select(Booking.starts_at).join(SessionCharge, SessionCharge.booking_id == Booking.id)
    start = db.session.scalars(wanted.where(Booking.public_id == booking_id, Booking.therapist_id == me, SessionCharge.state == "unpaid")).one_or_none()
    return None if start is None else local_time(start, db.session.get_one(Person, me).zone)


def _field(name: str, longest: int) -> str | None:
    value = request.form.get(name, "").strip()
    if len(value) > longest or not value.isprintable():
        raise Invalid("This is too long to be a code or the name of a fee.")
    return value or None


def _page(booking_id: uuid.UUID, me: int, **more: Any) -> str:
    at, zone = now(), db.session.get_one(Person, me).zone
    price = show_price(booking_id, person_id=me, now=at)
    times = {
        "start": local_time(price.starts_at, zone),
        "free_until": local_time(price.cancel_free_until, zone),
        "held_until": local_time(price.held_until, zone) if price.held_until else "",
        "charges": _charges(price, zone),
        "terms": terms_on(at.date()).words,
    }
    return render_template("booking/price.html", price=price, csrf_token=csrf_token(), **times, **more)


def _charges(price: PriceShown, zone: str) -> list[dict[str, Any]]:
    return [{"start": local_time(each.starts_at, zone), "price": each.price, "when": _when(each.planned, zone)} for each in price.charges]


def _when(planned: PlannedCharge, zone: str) -> str:
    if planned.at is not None:
        return f"charged on {local_time(planned.at, zone)}"
    return "paid now, at the checkout" if planned.how == "at_checkout" else "nothing is charged"
