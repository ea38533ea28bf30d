"""Safety cases for the responders: the list with clocks, and one case, worked on after speaking with the person. Works without a script."""

import uuid
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from care.lifting import end_restriction, lift_pause_of_case
from care.nearby_help import crisis_help_for, our_desk
from care.pause import paused_since
from care.places import place_of
from care.routes import EndingRestrictionSchema, LiftingSchema
from care.safety_pages.words import LIFTED, SAID
from care.safety_record import Said, record_of
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError
from core.forms import words_of_refusal
from desk.call_backs.ask import open_call_of
from desk.case_pages.shown import case_facts, given, press, waiting
from desk.contact import Contact
from desk.kinds import SAFETY
from desk.models import Case
from desk.safety_desk import NotAtSafetyDesk, require_qualified
from taxonomy.vocabulary import vocabulary

PAGE = "desk/safety"
KINDS = frozenset({SAFETY})
blueprint = Blueprint("safety_pages", __name__, template_folder="templates")
responder = role("safety_responder")
SEE_OTHER = 303


@blueprint.get(f"/{PAGE}")
@allow(responder)
def safety_cases_page() -> str:
    """Who waits for somebody trained, the earliest clock first."""
    return render_template(
        "care/safety_cases.html", **waiting(KINDS, by=_me(), now=now()), page=PAGE, is_declared=_is_declared(), desk=our_desk(), csrf_token=csrf_token()
    )


@blueprint.get(f"/{PAGE}/<uuid:case_id>")
@allow(responder, records_reads=True)
def safety_case_page(case_id: uuid.UUID) -> ResponseReturnValue:
    """One case. Reading it is recorded."""
    return _page(case_id)


@blueprint.post(f"/{PAGE}/<uuid:case_id>")
@allow(responder)
def work_on_safety_case_here(case_id: uuid.UUID) -> ResponseReturnValue:
    """Take it on, write down what was done, lift the pause, end what the answers restrict, close it."""
    contact, form, by, at = None, request.form, _me(), now()
    try:
        if form.get("act") == "lift":
            lift_pause_of_case(case_id, **given(LiftingSchema, form, "outcome"), by=by, now=at)
        elif form.get("act") == "end_restriction":
            end_restriction(case_id, **given(EndingRestrictionSchema, form), by=by, now=at)
        else:
            contact = press(case_id, form, kinds=KINDS, by=by, now=at)
    except DomainError as refused:
        return _page(case_id, refused=refused)
    if contact:
        return _page(case_id, contact=contact)
    given_back = form["act"] == "release"
    return redirect(url_for("safety_pages.safety_cases_page") if given_back else url_for("safety_pages.safety_case_page", case_id=case_id), SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
work_on_safety_case_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(case_id: uuid.UUID, *, refused: DomainError | None = None, contact: Contact | None = None) -> ResponseReturnValue:
    facts = case_facts(case_id, kinds=KINDS, by=_me(), now=now(), words=SAID)
    told = {"page": PAGE, "contact": contact, "refusal": words_of_refusal(refused) if refused else "", "lifted": LIFTED, "csrf_token": csrf_token()}
    page = render_template("care/safety_case.html", **facts, **_person(facts["case"], now=now()), **told)
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _person(case: Case, *, now: datetime) -> dict[str, Any]:
    """Where the person is, as they last said it, with the help there; and what holds for them now."""
    if case.person_id is None:
        return {"place": "", "help": crisis_help_for(None, on=now.date()), "paused_since": None, "restricted": False, "waits_for_call": False}
    stated = place_of(case.person_id, at=now)
    code = stated.jurisdiction if stated is not None else ""
    return {
        "place": vocabulary().jurisdictions[code].label if code in vocabulary().jurisdictions else "",
        "help": crisis_help_for(code, on=now.date()),
        "paused_since": paused_since(case.person_id),
        "restricted": Said(record_of(case.person_id)).thoughts,
        "waits_for_call": open_call_of(case.person_id) is not None,
    }


def _is_declared() -> bool:
    try:
        require_qualified(_me(), now=now())
    except NotAtSafetyDesk:
        return False
    return True


def _me() -> int:
    return caller().require_person()
