"""The page of looking again: with whom one is, whom lists leave out, and the newest list. Works without a script."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.identity import csrf_token
from accounts.people import require_account
from care.models import CareRelation
from care.passing_over import passed_over_by, take_back
from core.access import allow, anyone, caller, confirmed
from core.clock import now
from core.db import db
from core.errors import DomainError, Invalid
from core.forms import form_id
from matching.card_feedback.give import Card, feedback_on, give_feedback
from matching.card_feedback.reasons import REASONS, VERDICTS
from matching.intake import Visitor
from matching.rematch.look_again import answers_of, look_again
from matching.shortlist import read_shortlist
from notices.letter import local_time
from therapists.models import Therapist

PAGE = "look-again"
blueprint = Blueprint("rematch_pages", __name__, template_folder="templates")


@blueprint.get(f"/{PAGE}")
@allow(anyone)
def page() -> ResponseReturnValue:
    """Your newest list, and whom it leaves out."""
    return render_template("matching/look_again.html", **_facts())


@blueprint.post(f"/{PAGE}")
@allow(anyone)
def act_here() -> ResponseReturnValue:
    """Look for somebody else than this therapist, see one in lists again, or say what one thinks of a card."""
    confirmed(caller())
    me, therapist_id = caller().require_person(), form_id("therapist_id")
    if request.form.get("act") == "look":
        look_again(me, therapist_id, now=now())
    elif request.form.get("act") == "take_back":
        take_back(therapist_id, me, now=now())
    elif request.form.get("act") == "say":
        _say(therapist_id)
        return redirect(f"/{PAGE}#said-{therapist_id}", code=303)  # where they were
    else:
        raise Invalid("Please press one of the buttons.")
    return redirect(f"/{PAGE}", code=303)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
act_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _facts() -> dict[str, Any]:
    me = caller().require_person()
    passed, zone = passed_over_by(me, now=now()), require_account(me).person.zone
    theirs = select(Therapist.public_id, Therapist.display_name).join(CareRelation, CareRelation.therapist_id == Therapist.person_id)
    known = db.session.execute(theirs.where(CareRelation.client_id == me, CareRelation.state != "ended").order_by(CareRelation.opened_at.desc())).all()
    left_out = {each.therapist_id for each in passed}
    return {
        "passed": passed,
        "known": [each for each in known if each.public_id not in left_out],
        **_newest_list(me),
        "reasons": REASONS,
        "when": lambda instant: local_time(instant, zone),
        "csrf_token": csrf_token(),
    }


def _newest_list(person_id: int) -> dict[str, Any]:
    """Its cards, and what was said of them; none where there is no list, or where the safety questions come first."""
    intake, visitor = answers_of(person_id), Visitor(person_id=person_id)
    if intake is None:
        return {"cards": []}
    try:
        shortlist = read_shortlist(intake.public_id, visitor, now=now())
    except DomainError:
        return {"cards": []}
    said = {each.therapist_id: each for each in feedback_on(intake.public_id, shortlist["id"], visitor, now=now())}
    return {"cards": shortlist["cards"], "said": said, "intake_id": intake.public_id, "shortlist_id": shortlist["id"]}


def _say(therapist_id: uuid.UUID) -> None:
    verdict, reasons = request.form.get("verdict", ""), [each for each in request.form.getlist("reasons") if each]
    if verdict not in VERDICTS or not set(reasons) <= set(REASONS):
        raise Invalid("Please choose one of the answers.")
    card = Card(form_id("intake_id"), form_id("shortlist_id"), therapist_id)
    give_feedback(card, Visitor(person_id=caller().require_person()), verdict=verdict, reasons=reasons if verdict == "not_for_me" else (), now=now())
