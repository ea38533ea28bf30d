"""Whom I do not want to see in lists, over HTTP."""

import uuid
from typing import Any

from marshmallow import fields

from care.passing_over import PassedOver, pass_over, passed_over_by, take_back
from core.access import allow, caller, signed_in
from core.clock import now
from core.http import Blueprint, Instant, PublicId, Schema, page_schema

blueprint = Blueprint("passed_over", __name__, url_prefix="/api/v1/me/passed-over", description="Therapists whom I do not want to see in my lists")


class PassedOverSchema(Schema):
    therapist_id = PublicId(required=True)
    therapist_name = fields.String(required=True)
    since = Instant(required=True)


PassedOverPageSchema = page_schema(PassedOverSchema)


@blueprint.get("")
@allow(signed_in)
@blueprint.gives(200, PassedOverPageSchema)
def list_passed_over() -> dict[str, Any]:
    """Whom your lists leave out because you said so. They do not learn of it, and you can still book with them."""
    return {"items": passed_over_by(_me(), now=now()), "next": None}


@blueprint.put("/<uuid:therapist_id>")
@allow(signed_in)
@blueprint.gives(200, PassedOverSchema)
def leave_out(therapist_id: uuid.UUID) -> PassedOver:
    """Leave a therapist out of your lists from now on."""
    return pass_over(therapist_id, _me(), now=now())


@blueprint.delete("/<uuid:therapist_id>")
@allow(signed_in)
@blueprint.gives(204)
def show_again(therapist_id: uuid.UUID) -> None:
    """See them in your lists again."""
    take_back(therapist_id, _me(), now=now())


def _me() -> int:
    return caller().require_person()
