"""The pages of gift codes: buy one and see those that one bought, and what is left of one by its code. No script needed."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import transaction
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_id
from core.money import Money, of_units
from core.words import note_words
from payments.gifts.open_calls import GiftPage, buy_gift
from payments.gifts.reading import balance_by_code, gifts_of
from payments.gifts.schemas import LONGEST_CODE
from payments.gifts.sell import ask_for_gift, renew_code, return_gift
from payments.gifts.terms import CURRENCIES, LONGEST_NOTE

blueprint = Blueprint("gift_pages", __name__, template_folder="../templates")
NO_BUTTON = "Please press one of the buttons."
PAGE = "gift"
LONGEST_AMOUNT = 12


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def gifts_page() -> str:
    """Buy a code, and those that you bought."""
    return _page(caller().require_person())


@blueprint.post(f"/{PAGE}")
@allow(confirmed, outside=True)
def press_here() -> ResponseReturnValue:
    """Open the checkout of a new code or of one that was not paid yet, have a lost one replaced, or give an unused one back."""
    me, pressed = caller().require_person(), request.form.get("press", "")
    checkout, done = None, ""
    if pressed in ("buy", "pay"):
        checkout = buy_gift(_asked(me) if pressed == "buy" else form_id("gift", otherwise=NO_BUTTON), by=me)
    elif pressed == "renew":
        with transaction():
            renew_code(form_id("gift", otherwise=NO_BUTTON), by=me, now=now())
        done = "Another code is on its way to you by mail. The first one holds no more."
    elif pressed == "return":
        with transaction():
            return_gift(form_id("gift", otherwise=NO_BUTTON), by=me, now=now())
        done = "All of it is on its way back to your card. The code holds no more."
    else:
        raise Invalid(NO_BUTTON)
    with transaction(read_only=True):
        return _page(me, checkout=checkout, done=done)


@blueprint.get(f"/{PAGE}/balance")
@allow(anyone)
def balance_page() -> str:
    """Where a code is typed in."""
    return render_template("payments/gift_balance.html", csrf_token=csrf_token(), balance=None)


@blueprint.post(f"/{PAGE}/balance")
@allow(anyone)
def look_here() -> ResponseReturnValue:
    """What is left of it. The code stands in no address."""
    try:
        balance = balance_by_code(request.form.get("code", "")[:LONGEST_CODE], remote_addr=request.remote_addr, now=now())
    except DomainError as refused:
        page = render_template("payments/gift_balance.html", csrf_token=csrf_token(), balance=None, refusal=refused.detail)
        return page, STATUS_OF_KIND[refused.kind]
    return render_template("payments/gift_balance.html", csrf_token=csrf_token(), balance=balance)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
press_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
look_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _asked(me: int) -> uuid.UUID:
    note = request.form.get("note", "").strip()
    note_words(note)
    if len(note) > LONGEST_NOTE or not note.isprintable():
        raise Invalid(f"A note has at most {LONGEST_NOTE} letters, in one line.")
    with transaction():
        return ask_for_gift(_value(), buyer_id=me, note=note or None, now=now()).public_id


def _value() -> Money:
    currency, written = request.form.get("currency", ""), request.form.get("amount", "").strip()
    if currency not in CURRENCIES or len(written) > LONGEST_AMOUNT:
        raise Invalid("Choose a currency, and write an amount such as 50 or 50.00.")
    try:
        return of_units(written, currency)
    except ValueError:
        raise Invalid("Write an amount such as 50 or 50.00.") from None


def _page(me: int, *, checkout: GiftPage | None = None, **more: Any) -> str:
    shown = {"gifts": gifts_of(me), "now": now(), "checkout": checkout, "currencies": CURRENCIES, "longest_note": LONGEST_NOTE}
    return render_template("payments/gifts.html", csrf_token=csrf_token(), **shown, **more)
