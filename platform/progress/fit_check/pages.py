"""The page of the fit check: what can be answered, what was answered, and what can be done about it. Works without a script."""

from typing import Any

import marshmallow as ma
from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.consent import current_text, give_consent, has_consent, require_current_texts
from accounts.identity import csrf_token
from accounts.people import require_account
from care.nearby_help import crisis_help_near
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import Invalid
from core.forms import form_id
from core.http import flat_errors
from notices.letter import local_time
from progress.fit_check import answer, reading
from progress.fit_check.answer import PURPOSE
from progress.fit_check.ask import PAGE
from progress.fit_check.due import due_checks
from progress.fit_check.questions import HIGHEST, QUESTIONS
from progress.fit_check.routes import ASKED
from progress.fit_check.schemas import AnswerFitCheckSchema, AskForHelpSchema

blueprint = Blueprint("fit_check_pages", __name__, template_folder="templates")
SHOWN = 20


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """What you can answer now, and what you answered."""
    return render_template("progress/fit_check.html", **_facts())


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def act_here() -> ResponseReturnValue:
    """Agree, answer, share or keep back, delete, ask for help."""
    try:
        confirmed(caller())
        done = _act(request.form.get("act", ""))
    except Invalid as refused:
        text = refused.in_words
        return render_template("progress/fit_check.html", refusal=text, **_facts()), STATUS_OF_KIND[refused.kind]
    return done or redirect(f"/{PAGE}", code=303)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
act_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _act(what: str) -> ResponseReturnValue | None:
    """Do it; None leads back to the page."""
    me = caller().require_person()
    if what == "agree":
        version = request.form.get("text_version", "")
        require_current_texts({PURPOSE: version})
        give_consent(me, PURPOSE, text_version=version, now=now())
    elif what == "answer":
        given = _loaded(AnswerFitCheckSchema(), {"booking_id", "words"}, numbers=QUESTIONS)
        answers = {name: given[name] for name in QUESTIONS}
        answer.answer_check(me, given["booking_id"], answers, words=given.get("words"), now=now())
    elif what == "share":
        answer.share_check(form_id("check_id"), by=me, now=now())
    elif what == "keep_back":
        answer.stop_sharing(form_id("check_id"), by=me)
    elif what == "delete":
        answer.delete_check(form_id("check_id"), by=me)
    elif what == "help":
        answer.ask_for_help(form_id("check_id"), _loaded(AskForHelpSchema(), {"words"}), by=me, now=now())
        return render_template("progress/help_asked.html", text=ASKED, help=crisis_help_near(me, now=now()))
    else:
        raise Invalid("Please press one of the buttons.")
    return None


def _facts() -> dict[str, Any]:
    me = caller().require_person()
    zone = require_account(me).person.zone
    return {
        "consent": None if has_consent(me, PURPOSE) else current_text(PURPOSE),
        "due": [(due, local_time(due.booking.starts_at, zone)) for due in due_checks(me, now=now())],
        "checks": [(check, local_time(check.session_at, zone)) for check in reading.checks_of(me, limit=SHOWN).items],
        "questions": QUESTIONS,
        "highest": HIGHEST,
        "csrf_token": csrf_token(),
    }


def _loaded(schema: ma.Schema, names: set[str], *, numbers: Any = ()) -> dict[str, Any]:
    """The form as the API would have taken it."""
    form: dict[str, Any] = {name: request.form[name] for name in names if name in request.form}
    form |= {name: int(request.form[name]) for name in numbers if request.form.get(name, "").isdecimal()}
    try:
        return schema.load(form)  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid("Please answer all three questions.", errors=flat_errors(error.messages)) from error
