"""Asking for a call, and to speak to a matching guide: the person's doors."""

from datetime import timedelta
from typing import Any

from flask import request

from accounts.throttle import count_attempt, origin_of
from core.access import allow, anyone
from core.clock import now
from core.http import Blueprint
from desk.call_backs.schemas import AskForCallSchema
from matching.cookie import visitor
from matching.expert_desk import ask
from matching.expert_desk.schemas import CallQuestionsSchema, OwnCallSchema

blueprint = Blueprint("expert_desk", __name__, url_prefix="/api/v1/call-back", description="A call from a matching guide, about one of a few topics")

Json = dict[str, Any]
FROM_ONE, WINDOW = 30, timedelta(hours=1)


@blueprint.get("/questions")
@allow(anyone)
@blueprint.gives(200, CallQuestionsSchema)
def show_questions() -> Json:
    """What a call can be about, and the text to agree to before one."""
    return ask.questions()


@blueprint.post("")
@allow(anyone)
@blueprint.takes(AskForCallSchema)
@blueprint.gives(201, OwnCallSchema)
def ask_for_call(body: Json) -> Json:
    """Ask for a call at one of the times that suit you. One at a time. You need not say anything about your health."""
    count_attempt(f"call_backs:{origin_of(request.remote_addr)}", limit=FROM_ONE, window=WINDOW, now=now())
    return ask.own_call_json(ask.ask(visitor(), ask.call_wished(body), share=body.get("share_text_version"), now=now()), now=now())


@blueprint.get("")
@allow(anyone)
@blueprint.gives(200, OwnCallSchema)
def show_own_call() -> Json:
    """Where the call stands that I asked for last."""
    return ask.own_call(visitor(), now=now())


@blueprint.delete("")
@allow(anyone)
@blueprint.gives(204)
def take_call_back() -> None:
    """I want no call any more: nobody calls, and my number is deleted at once."""
    ask.take_back(visitor(), now=now())
