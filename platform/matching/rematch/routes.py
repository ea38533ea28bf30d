"""Looking for somebody else, over HTTP."""

import uuid

from marshmallow import fields

from care.passing_over_routes import PassedOverSchema
from core.access import allow, caller, confirmed
from core.clock import now
from core.http import Blueprint, PublicId, Schema
from matching.rematch.look_again import Rematched, look_again
from matching.schemas import ShortlistSchema

blueprint = Blueprint("rematch", __name__, url_prefix="/api/v1/rematch", description="Looking for somebody else")


class RematchSchema(Schema):
    therapist_id = PublicId(required=True, metadata={"description": "Somebody with whom you have, or had, a request or more."})


class RematchedSchema(Schema):
    passed_over = fields.Nested(PassedOverSchema, required=True)
    text = fields.String(required=True, metadata={"description": "What has changed, and what has not."})
    intake_id = PublicId(required=True, metadata={"description": "Whose answers the list was made from."})
    shortlist = fields.Nested(ShortlistSchema, required=True)


@blueprint.post("")
@allow(confirmed)
@blueprint.takes(RematchSchema)
@blueprint.gives(201, RematchedSchema)
def rematch(body: dict[str, uuid.UUID]) -> Rematched:
    """A new list from the answers you gave last, without this therapist. Nothing ends, and it can be taken back: DELETE /me/passed-over/{therapist_id}."""
    return look_again(_me(), body["therapist_id"], now=now())


def _me() -> int:
    return caller().require_person()
