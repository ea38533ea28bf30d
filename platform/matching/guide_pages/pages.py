"""A guide's desk as pages, without a script: take a case on, suggest therapists for it, let a code follow a call."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

import marshmallow as ma
from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import require_account
from core.access import allow, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.http import flat_errors
from desk.cases import claim_case, release_case
from matching.assisted.look import KINDS, eligible_for_guide
from matching.assisted.propose import propose
from matching.assisted.reasons import REASONS
from matching.assisted.routes import guide
from matching.assisted.schemas import SuggestedListSchema
from matching.expert_desk.code import PERCENTS, send_code
from matching.guide_pages.mine import spoken_with, waiting_cases
from matching.guide_pages.words import in_words
from notices.letter import local_time

PAGE = "desk/people"
blueprint = Blueprint("guide_pages", __name__, template_folder="templates")
CANDIDATES = 20
DONE = {
    "suggested": "It is suggested. They see it with their answers, and by mail if they have an account.",
    "code": "The code is in the mail to them. It ends in {hint}.",
}


@blueprint.get(f"/{PAGE}")
@allow(guide)
def people_page() -> str:
    """Who waits for help with finding somebody, and with whom I spoke."""
    return _people()


@blueprint.post(f"/{PAGE}/<uuid:case_id>")
@allow(guide)
def take_here(case_id: uuid.UUID) -> ResponseReturnValue:
    """Take a case on, or give it back."""
    acts = {"claim": claim_case, "release": release_case}
    try:
        if request.form.get("act") not in acts:
            raise Invalid("Please press one of the buttons.")
        acts[request.form["act"]](case_id, by=_me(), kinds=KINDS, now=now())
    except DomainError as refused:
        return _people(refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    return _people()


@blueprint.post(f"/{PAGE}/calls/<uuid:call_id>/code")
@allow(guide)
def code_here(call_id: uuid.UUID) -> ResponseReturnValue:
    """Mail a code after a call."""
    try:
        percent = request.form.get("percent", "")
        if percent not in map(str, PERCENTS):
            raise Invalid("Please choose how much.")
        sent = send_code(call_id, int(percent), by=_me(), now=now())
    except DomainError as refused:
        return _people(refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    return _people(done=DONE["code"].format(hint=sent.hint))


@blueprint.get(f"/{PAGE}/<uuid:case_id>/suggest")
@allow(guide, records_reads=True)
def suggest_for_case(case_id: uuid.UUID) -> ResponseReturnValue:
    """Whom I may suggest. Reading it is recorded."""
    return _candidates(case_id)


@blueprint.post(f"/{PAGE}/<uuid:case_id>/suggest")
@allow(guide)
def suggest_here(case_id: uuid.UUID) -> ResponseReturnValue:
    """Suggest those that are ticked."""
    try:
        propose(case_id, _ticked()["cards"], by=_me(), now=now())
    except Invalid as refused:
        text = refused.in_words
        return _candidates(case_id, refusal=text)
    except DomainError as refused:
        return _people(refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    return _people(done=DONE["suggested"])


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
take_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
code_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
suggest_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _ticked() -> dict[str, Any]:
    """The form as the API would have taken it: ``therapist``, and for each of these ``reasons-<id>`` and ``note-<id>``."""
    cards = []
    for each in request.form.getlist("therapist"):
        note = request.form.get(f"note-{each}", "").strip()
        cards.append({"therapist_id": each, "reasons": request.form.getlist(f"reasons-{each}"), **({"note": note} if note else {})})
    try:
        return SuggestedListSchema().load({"cards": cards})  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid("Tick one to five, each with a reason.", errors=flat_errors(error.messages)) from error


def _candidates(case_id: uuid.UUID, *, refusal: str | None = None) -> ResponseReturnValue:
    """With a refusal it answers 422, which rolls back."""
    try:
        body, more = eligible_for_guide(case_id, start=0, limit=CANDIDATES, by=_me(), now=now())
    except DomainError as refused:
        return _people(refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    facts = {
        "found": body,
        "more": more,
        "reasons": REASONS,
        "refusal": refusal,
        "given": request.form,
        "when": _when(),
        "in_words": in_words,
        "csrf_token": csrf_token(),
    }
    page = render_template("matching/guide_suggest.html", **facts)
    return (page, STATUS_OF_KIND["invalid"]) if refusal else page


def _people(*, refusal: str | None = None, done: str | None = None) -> str:
    me, at = _me(), now()
    return render_template(
        "matching/guide_people.html",
        cases=[(case, case.owner_id == me) for case in waiting_cases()],
        calls=spoken_with(me, now=at),
        percents=PERCENTS,
        refusal=refusal,
        done=done,
        when=_when(),
        csrf_token=csrf_token(),
    )


def _when() -> Callable[[datetime], str]:
    """An instant on the guide's own clock."""
    zone = require_account(_me()).person.zone
    return lambda instant: local_time(instant, zone)


def _me() -> int:
    return caller().require_person()
