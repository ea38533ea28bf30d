"""The page that the mail about another fee leads to: which dates, what they would cost, yes or no. Its reader signs in; it works without a script."""

import uuid

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.models import Person
from booking.fee_changes.answer import answer_change
from booking.fee_changes.letters import PAGE
from booking.fee_changes.reading import show_question
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import db
from core.errors import Invalid
from notices.letter import local_time

blueprint = Blueprint("fee_change_pages", __name__, template_folder="templates")
DONE = {"accept": ("Your appointments stay", "Thank you. They cost the new fee."), "decline": ("They are cancelled", "You owe nothing for them.")}


@blueprint.get(f"/{PAGE}/<uuid:change_id>")
@allow(anyone)
def fee_page(change_id: uuid.UUID) -> ResponseReturnValue:
    """The question."""
    me, at = caller().require_person(), now()
    asked, zone = show_question(change_id, client_id=me, now=at), db.session.get_one(Person, me).zone
    times = {"since": local_time(asked.takes_effect_at, zone), "answer_by": local_time(asked.answer_by, zone)}
    return render_template("booking/new_fee.html", asked=asked, dates=[local_time(each, zone) for each in asked.dates], csrf_token=csrf_token(), **times)


@blueprint.post(f"/{PAGE}/<uuid:change_id>")
@allow(confirmed)
def answer_here(change_id: uuid.UUID) -> ResponseReturnValue:
    """Take the answer."""
    pressed = request.form.get("answer", "")
    if pressed not in DONE:
        raise Invalid("Please press one of the buttons.")
    answer_change(change_id, accept=pressed == "accept", client_id=caller().require_person(), now=now())
    title, text = DONE[pressed]
    return render_template("accounts/done.html", title=title, text=text)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
answer_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
