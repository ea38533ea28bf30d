"""Questionnaires over HTTP: for the client everything, for the therapist what was shared with them."""

import uuid
from typing import Any

from care.nearby_help import crisis_help_near
from core.access import allow, anyone, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint, PageQuery
from progress.questionnaires import about_words, answer_words
from progress.results import reading
from progress.results.reading import ResultShown, ResultsShown
from progress.results.schemas import OfferedQuestionnairesSchema, ResultPageSchema, ResultSchema, SharedResultPageSchema, TakenSchema, TakeSchema
from progress.results.share import share_result, stop_sharing
from progress.results.take import delete_result, offered_now, take

questionnaires = Blueprint("questionnaires", __name__, url_prefix="/api/v1/questionnaires", description="How somebody is doing, as they say it")
shared = Blueprint("shared_results", __name__, url_prefix="/api/v1/therapist/questionnaire-results", description="What clients let their therapist read")
blueprints = (questionnaires, shared)
TEXT = "A score helps to see where you stand and what changes. It is no diagnosis, decides nothing, and does not change which therapists you are shown."
ASKED = "Because of one of your answers we ask you directly how safe you are. Please answer there; until then requests and bookings stand still."


@questionnaires.get("")
@allow(anyone)
@questionnaires.gives(200, OfferedQuestionnairesSchema)
def list_offered() -> dict[str, Any]:
    """What can be taken now. PHQ-8 stands in for PHQ-9 while nobody trained is on duty."""
    return {"items": offered_now(now=now()), "next": None, "answers": answer_words(), **about_words(), "text": TEXT}


@questionnaires.post("/results")
@allow(confirmed)
@questionnaires.takes(TakeSchema)
@questionnaires.gives(201, TakenSchema)
def take_questionnaire(body: dict[str, Any]) -> dict[str, Any]:
    """Take one. Needs your consent for `progress`. The ninth item of PHQ-9, above 0 or open, leads to direct questions, whatever the sum.

    While nobody trained is on duty a PHQ-9 is kept as PHQ-8; its ninth item leads to the questions all the same.
    """
    taken = take(_me(), body["questionnaire"], body["answers"], now=now())
    return {
        "crisis_help": crisis_help_near(_me(), now=now()) if taken.asks else None,
        "asks_about_safety": taken.asks,
        "text": ASKED if taken.asks else TEXT,
        "result": reading.show_result(taken.row.public_id, client_id=_me()),
    }


@questionnaires.get("/results")
@allow(signed_in)
@questionnaires.takes(PageQuery, location="query")
@questionnaires.gives(200, ResultPageSchema)
def list_results(query: dict[str, Any]) -> ResultsShown:
    """Everything you took, the newest first."""
    return reading.results_of(_me(), limit=query["limit"], cursor=query.get("cursor"))


@questionnaires.get("/results/<uuid:result_id>")
@allow(signed_in)
@questionnaires.gives(200, ResultSchema)
def read_result(result_id: uuid.UUID) -> ResultShown:
    """One result of yours."""
    return reading.show_result(result_id, client_id=_me())


@questionnaires.delete("/results/<uuid:result_id>")
@allow(signed_in)
@questionnaires.gives(204)
def remove_result(result_id: uuid.UUID) -> None:
    """Take it away, for everybody. A question about safety that it raised stays."""
    delete_result(result_id, by=_me())


@questionnaires.put("/results/<uuid:result_id>/sharing/<uuid:therapist_id>")
@allow(confirmed)
@questionnaires.gives(200, ResultSchema)
def share(result_id: uuid.UUID, therapist_id: uuid.UUID) -> ResultShown:
    """Let a therapist whose client you are read this result with its answers."""
    share_result(result_id, therapist_id, by=_me(), now=now())
    return reading.show_result(result_id, client_id=_me())


@questionnaires.delete("/results/<uuid:result_id>/sharing/<uuid:therapist_id>")
@allow(signed_in)
@questionnaires.gives(200, ResultSchema)
def keep_back(result_id: uuid.UUID, therapist_id: uuid.UUID) -> ResultShown:
    """End that: from now on they see it no more."""
    stop_sharing(result_id, therapist_id, by=_me())
    return reading.show_result(result_id, client_id=_me())


@shared.get("")
@allow(role("therapist"))
@shared.takes(PageQuery, location="query")
@shared.gives(200, SharedResultPageSchema)
def list_shared(query: dict[str, Any]) -> ResultsShown:
    """What clients of yours chose to let you read, the newest first."""
    return reading.results_shared_with(_me(), limit=query["limit"], cursor=query.get("cursor"))


def _me() -> int:
    return caller().require_person()
