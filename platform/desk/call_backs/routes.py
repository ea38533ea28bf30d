"""The queue of calls over HTTP, for those who may see the cases that they hang on."""

import uuid
from typing import Any

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint
from desk.call_backs import work
from desk.call_backs.ask import KIND
from desk.call_backs.models import CallBack
from desk.call_backs.schemas import CallBackPageSchema, CallBackSchema, CallEndSchema, CallNumberSchema, CallQueueQuery
from desk.call_backs.shown import call_json
from desk.kinds import ROLE_OF_KIND, SAFETY, kinds_visible_to

blueprint = Blueprint("call_backs", __name__, url_prefix="/api/v1/call-backs", description="Calls that people asked for: a queue with clock and owner")
callers_back = role(ROLE_OF_KIND[KIND], ROLE_OF_KIND[SAFETY])

Json = dict[str, Any]


@blueprint.get("")
@allow(callers_back)
@blueprint.takes(CallQueueQuery, location="query")
@blueprint.gives(200, CallBackPageSchema)
def list_calls(query: Json) -> Json:
    """Open calls, the earliest clock first, with the time it is where each caller is. Numbers are not in the list."""
    owner = caller().require_person() if query["mine"] else None
    page = work.queue(_kinds(), owner_id=owner, limit=query["limit"], cursor=query.get("cursor"))
    return {"items": [_shown(each) for each in page.items], "next": page.next}


@blueprint.get("/<uuid:call_id>")
@allow(callers_back)
@blueprint.gives(200, CallBackSchema)
def show_call(call_id: uuid.UUID) -> Json:
    """One call."""
    return _shown(work.call_named(call_id, _kinds()))


@blueprint.get("/<uuid:call_id>/number")
@allow(callers_back, records_reads=True)
@blueprint.gives(200, CallNumberSchema)
def read_number_of_case(call_id: uuid.UUID) -> work.Number:
    """Where to call, for whoever owns it. Reading it is recorded."""
    return work.number_for_call(call_id, by=caller().require_person(), kinds=_kinds())


@blueprint.post("/<uuid:call_id>/claim")
@allow(callers_back)
@blueprint.gives(200, CallBackSchema)
def claim_call(call_id: uuid.UUID) -> Json:
    """Take a call on."""
    return _shown(work.claim_call(call_id, **_me()))


@blueprint.post("/<uuid:call_id>/release")
@allow(callers_back)
@blueprint.gives(200, CallBackSchema)
def release_call(call_id: uuid.UUID) -> Json:
    """Give a call of yours back to the queue."""
    return _shown(work.release_call(call_id, **_me()))


@blueprint.post("/<uuid:call_id>/done")
@allow(callers_back)
@blueprint.takes(CallEndSchema)
@blueprint.gives(200, CallBackSchema)
def end_call(body: Json, call_id: uuid.UUID) -> Json:
    """Say how a call of yours went. It ends with that."""
    return _shown(work.end_with(call_id, body["outcome"], note=body.get("note"), **_me()))


def _shown(call: CallBack) -> Json:
    return call_json(call, now=now())


def _kinds() -> frozenset[str]:
    return kinds_visible_to(caller().roles)


def _me() -> Json:
    return {"by": caller().require_person(), "kinds": _kinds(), "now": now()}
