"""The fit check over HTTP: for the client everything, for the therapist what was shared with them."""

import uuid
from typing import Any

from care.nearby_help import crisis_help_near
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint, PageQuery
from progress.fit_check import answer, reading
from progress.fit_check.due import due_checks
from progress.fit_check.questions import QUESTIONS
from progress.fit_check.reading import CheckShown, ChecksShown
from progress.fit_check.schemas import (
    AnswerFitCheckSchema,
    AskForHelpSchema,
    DueFitCheckPageSchema,
    FitCheckPageSchema,
    FitCheckSchema,
    HelpAskedSchema,
    SharedFitCheckPageSchema,
)

checks = Blueprint("fit_checks", __name__, url_prefix="/api/v1/fit-checks", description="Three short questions after each of the first four sessions")
shared = Blueprint("shared_fit_checks", __name__, url_prefix="/api/v1/therapist/fit-checks", description="What clients let their therapist read")
blueprints = (checks, shared)
ASKED = "Thank you. It is noted, and a person reads it when somebody is at the desk. If you are in danger, please do not wait for us."


@checks.get("/due")
@allow(signed_in)
@checks.gives(200, DueFitCheckPageSchema)
def list_due() -> dict[str, Any]:
    """What you can answer now: at most one check for each therapist, for thirty days after the session."""
    return {"items": due_checks(_me(), now=now()), "next": None}


@checks.get("")
@allow(signed_in)
@checks.takes(PageQuery, location="query")
@checks.gives(200, FitCheckPageSchema)
def list_checks(query: dict[str, Any]) -> ChecksShown:
    """Everything you answered, the newest first."""
    return reading.checks_of(_me(), limit=query["limit"], cursor=query.get("cursor"))


@checks.post("")
@allow(confirmed)
@checks.takes(AnswerFitCheckSchema)
@checks.gives(201, FitCheckSchema)
def answer_check(body: dict[str, Any]) -> CheckShown:
    """Answer the check of a session. Needs your consent for `progress`. Nobody reads the answers unless you share them."""
    answers = {name: body[name] for name in QUESTIONS}
    check = answer.answer_check(_me(), body["booking_id"], answers, words=body.get("words"), now=now())
    return reading.show_check(check.public_id, client_id=_me())


@checks.get("/<uuid:check_id>")
@allow(signed_in)
@checks.gives(200, FitCheckSchema)
def read_check(check_id: uuid.UUID) -> CheckShown:
    """One check of yours, and what can be done about it."""
    return reading.show_check(check_id, client_id=_me())


@checks.delete("/<uuid:check_id>")
@allow(signed_in)
@checks.gives(204)
def delete_check(check_id: uuid.UUID) -> None:
    """Take your answers away, for everybody."""
    answer.delete_check(check_id, by=_me())


@checks.put("/<uuid:check_id>/sharing")
@allow(confirmed)
@checks.gives(200, FitCheckSchema)
def share(check_id: uuid.UUID) -> CheckShown:
    """Let the therapist of that session read this check."""
    answer.share_check(check_id, by=_me(), now=now())
    return reading.show_check(check_id, client_id=_me())


@checks.delete("/<uuid:check_id>/sharing")
@allow(signed_in)
@checks.gives(200, FitCheckSchema)
def stop_sharing(check_id: uuid.UUID) -> CheckShown:
    """End that: from now on the therapist sees it no more."""
    answer.stop_sharing(check_id, by=_me())
    return reading.show_check(check_id, client_id=_me())


@checks.post("/<uuid:check_id>/help")
@allow(confirmed)
@checks.takes(AskForHelpSchema)
@checks.gives(202, HelpAskedSchema)
def ask_for_help(body: dict[str, Any], check_id: uuid.UUID) -> dict[str, Any]:
    """Ask a person of ours for help. They read what you write here, not your answers."""
    answer.ask_for_help(check_id, body, by=_me(), now=now())
    return {"detail": ASKED, "crisis_help": crisis_help_near(_me(), now=now())}


@shared.get("")
@allow(role("therapist"))
@shared.takes(PageQuery, location="query")
@shared.gives(200, SharedFitCheckPageSchema)
def list_shared(query: dict[str, Any]) -> ChecksShown:
    """What clients of yours chose to let you read, the newest first. It is for talking about it together, and counts for nothing here."""
    return reading.checks_shared_with(_me(), limit=query["limit"], cursor=query.get("cursor"))


def _me() -> int:
    return caller().require_person()
