"""The page to ask for a call, without a script: topic, number, times, and whether a message is safe. What stands is shown with a button to take it back.

Whoever is paused is called by those who are trained for it: they read help first, and nothing of guides.
"""

from typing import Any

import marshmallow as ma
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from care.nearby_help import crisis_help_near
from care.pause import is_paused
from core.access import allow, anyone
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.http import flat_errors
from desk.call_backs.schemas import AskForCallSchema
from matching.cookie import visitor
from matching.expert_desk import ask
from matching.intake import IntakeClosed
from matching.own_safety.state import person_of

PAGE = "speak-to-a-guide"
blueprint = Blueprint("expert_desk_pages", __name__, template_folder="templates")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
PARTS = ((540, 720, "9 to 12"), (720, 900, "12 to 15"), (900, 1080, "15 to 18"), (1080, 1260, "18 to 21"))
FIELDS = ("phone", "zone", "topic", "consent_text_version", "share_text_version")


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """The form, or the call that is asked for; for somebody whom we could not know, what comes before."""
    try:
        person_of(visitor(), now=now())
    except (NotFound, IntakeClosed) as unknown:
        return _before(unknown)
    try:
        call = ask.own_call(visitor(), now=now())
    except NotFound:
        return _form()
    return _stands(call) if call["state"] == "waiting" else _form(before=call["text"])


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def ask_here() -> ResponseReturnValue:
    """Ask, or take it back."""
    try:
        if request.form.get("act") == "take_back":
            ask.take_back(visitor(), now=now())
            return _form(before=ask.TEXTS["withdrawn"])
        given = _given()
        made = ask.ask(visitor(), ask.call_wished(given), share=given.get("share_text_version"), now=now())
    except (NotFound, IntakeClosed) as unknown:
        return _before(unknown), STATUS_OF_KIND[unknown.kind]
    except Invalid as refused:
        text = refused.in_words
        return _form(refusal=text), STATUS_OF_KIND[refused.kind]
    return _stands(ask.own_call_json(made, now=now()))


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
ask_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _given() -> dict[str, Any]:
    """The form as the API would have taken it."""
    form: dict[str, Any] = {name: request.form[name] for name in FIELDS if name in request.form}
    form["windows"] = [_window(text) for text in request.form.getlist("window")]
    if request.form.get("voicemail_safe") in ("yes", "no"):
        form["voicemail_safe"] = request.form["voicemail_safe"] == "yes"
    try:
        return AskForCallSchema().load(form)  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid(errors=flat_errors(error.messages)) from error


def _window(text: str) -> dict[str, Any]:
    numbers = text.split("-")
    if len(numbers) != 3 or not all(each.isascii() and each.isdigit() and len(each) <= 4 for each in numbers):
        raise Invalid("Please choose times from the list.")
    return dict(zip(("weekday", "from_minute", "to_minute"), map(int, numbers), strict=True))


def _before(unknown: DomainError) -> str:
    return render_template("matching/before_a_call.html", closed=unknown.detail if isinstance(unknown, IntakeClosed) else "")


def _form(*, before: str | None = None, refusal: str | None = None) -> str:
    person_id = person_of(visitor(), now=now())
    return render_template(
        "matching/call_back.html",
        help=crisis_help_near(person_id, now=now()) if is_paused(person_id) else None,
        before=before,
        refusal=refusal,
        questions=ask.questions(),
        days=list(enumerate(DAYS)),
        parts=PARTS,
        given=request.form,
        csrf_token=csrf_token(),
    )


def _stands(call: dict[str, Any]) -> str:
    return render_template("matching/call_back_asked.html", call=call, help=call["crisis_help"], csrf_token=csrf_token())
