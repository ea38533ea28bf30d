"""The page of the queue, for those at the desk. Works without a script; the number shows once its owner asks for it, which is recorded."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from desk.call_backs import work
from desk.call_backs.routes import callers_back
from desk.call_backs.shown import call_json
from desk.call_backs.topics import OUTCOMES
from desk.kinds import kinds_visible_to

PAGE = "desk/calls"
blueprint = Blueprint("desk_pages", __name__, template_folder="templates")
AT_ONCE = 50


@blueprint.get(f"/{PAGE}")
@allow(callers_back)
def queue_page() -> str:
    """Who waits for a call, the earliest clock first."""
    return _page()


@blueprint.post(f"/{PAGE}/<uuid:call_id>")
@allow(callers_back)
def work_here(call_id: uuid.UUID) -> ResponseReturnValue:
    """Take one on, give it back, see the number, or say how it went. A refusal keeps its status, which rolls back."""
    me: dict[str, Any] = {"by": caller().require_person(), "kinds": _kinds()}
    act, number = request.form.get("act", ""), None
    try:
        if act == "claim":
            work.claim_call(call_id, now=now(), **me)
        elif act == "release":
            work.release_call(call_id, now=now(), **me)
        elif act == "number":
            number = (call_id, work.number_for_call(call_id, **me))
        elif act in OUTCOMES:
            work.end_with(call_id, act, now=now(), **me)
        else:
            raise Invalid("Please press one of the buttons.")
    except DomainError as refused:
        return _page(refusal=refused.detail), STATUS_OF_KIND[refused.kind]
    return _page(number=number)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
work_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(*, refusal: str | None = None, number: tuple[uuid.UUID, work.Number] | None = None) -> str:
    calls = [(call, call.case.owner_id == caller().person_id) for call in work.queue(_kinds(), limit=AT_ONCE).items]
    return render_template(
        "desk/calls.html",
        calls=[call_json(call, now=now()) | {"is_mine": is_mine} for call, is_mine in calls],
        number=number,
        refusal=refusal,
        outcomes=OUTCOMES,
        csrf_token=csrf_token(),
    )


def _kinds() -> frozenset[str]:
    return kinds_visible_to(caller().roles)
