"""Assisted shortlists over HTTP: the guide's doors, by a case of theirs, and the person's, by their intake."""

import uuid
from typing import Any

from core.access import allow, anyone, caller, role
from core.clock import now
from core.http import Blueprint, PageQuery, cursor_of, key_of
from matching.assisted import look, own, propose
from matching.assisted.models import AssistedShortlist
from matching.assisted.schemas import AssistedAnswerSchema, AssistedShortlistSchema, GuideViewSchema, SuggestedListSchema, SuggestedSchema
from matching.cookie import visitor

blueprint = Blueprint("assisted", __name__, url_prefix="/api/v1", description="Therapists whom a matching guide suggests")
guide = role(look.GUIDE)

Json = dict[str, Any]


@blueprint.get("/cases/<uuid:case_id>/eligible-therapists")
@allow(guide, records_reads=True)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, GuideViewSchema)
def read_eligible_of_case(query: Json, case_id: uuid.UUID) -> Json:
    """Whom you may suggest for a case of yours, in the order of the list, and what you may read of the answers. Reading it is recorded."""
    start = max(0, key_of(query["cursor"], int)[0]) if "cursor" in query else 0
    page, more = look.eligible_for_guide(case_id, start=start, limit=query["limit"], by=caller().require_person(), now=now())
    return page | {"next": cursor_of(start + query["limit"]) if more else None}


@blueprint.post("/cases/<uuid:case_id>/assisted-shortlist")
@allow(guide)
@blueprint.takes(SuggestedListSchema)
@blueprint.gives(201, SuggestedSchema)
def suggest(body: Json, case_id: uuid.UUID) -> AssistedShortlist:
    """Suggest one to five of them, each with reasons. The person decides; a newer suggestion takes the place of an older one."""
    return propose.propose(case_id, body["cards"], by=caller().require_person(), now=now())


@blueprint.get("/intakes/<uuid:intake_id>/assisted-shortlist")
@allow(anyone)
@blueprint.gives(200, AssistedShortlistSchema)
def show_assisted(intake_id: uuid.UUID) -> Json:
    """Whom a matching guide suggests to me, with openings as they are now. Whoever may not work with me any more, or has no time, is left out."""
    return own.read_assisted(intake_id, visitor(), now=now())


@blueprint.post("/intakes/<uuid:intake_id>/assisted-shortlist/answer")
@allow(anyone)
@blueprint.takes(AssistedAnswerSchema)
@blueprint.gives(204)
def answer_assisted(body: Json, intake_id: uuid.UUID) -> None:
    """Thank you, or none of these: then somebody looks again."""
    own.answer_assisted(intake_id, visitor(), answer=body["answer"], now=now())
