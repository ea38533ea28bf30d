"""The page of kept cards: which, for whom, in which words, and the way to take one away. No script needed."""

from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.forms import form_id
from payments.cards.forget_calls import take_away
from payments.cards.reading import cards_shown

PAGE = "payments/cards"
blueprint = Blueprint("card_pages", __name__, template_folder="../templates")


@blueprint.get(f"/{PAGE}")
@allow(signed_in)
def cards_page() -> str:
    """The cards that I let be charged."""
    return _page()


@blueprint.post(f"/{PAGE}")
@allow(confirmed)
def take_away_here() -> ResponseReturnValue:
    """Take one away."""
    take_away(form_id("card", otherwise="Please press one of the buttons."), payer_id=caller().require_person(), now=now())
    return _page(done="That card is charged no more. What is booked has to be paid by a link then, which we mail to you.")


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
take_away_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(**more: Any) -> str:
    return render_template("payments/cards.html", cards=cards_shown(caller().require_person()), csrf_token=csrf_token(), **more)
