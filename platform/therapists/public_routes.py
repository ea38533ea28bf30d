"""One therapist as everybody sees them; the list is `matching.directory`'s. Whoever is not shown is answered as if there were nobody."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, anyone, caller, role
from core.clock import now
from core.http import Blueprint, Schema
from therapists import platform_hold, publication
from therapists.representations import Json, PublicTherapistSchema, public_page

blueprint = Blueprint("therapists", __name__, url_prefix="/api/v1/therapists", description="Published therapists")
admin = role("admin")


class PlatformHoldSchema(Schema):
    reason = fields.String(required=True, validate=validate.OneOf(platform_hold.HOLD_REASONS))


@blueprint.get("/<uuid:therapist_id>")
@allow(anyone)
@blueprint.gives(200, PublicTherapistSchema)
def read_therapist(therapist_id: uuid.UUID) -> Json:
    """One therapist: services, prices, badges, and what they chose to publish; signed-in people also read what is meant for them."""
    therapist = publication.listed_therapist(therapist_id, now=now())
    return public_page(therapist, now=now(), signed_in=caller().person_id is not None)


@blueprint.post("/<uuid:therapist_id>/hold")
@allow(admin)
@blueprint.takes(PlatformHoldSchema)
@blueprint.gives(204)
def put_on_hold(body: dict[str, Any], therapist_id: uuid.UUID) -> None:
    """Bar a therapist everywhere until the hold is lifted."""
    platform_hold.put_on_hold(therapist_id, **body, by=caller().require_person(), now=now())


@blueprint.delete("/<uuid:therapist_id>/hold")
@allow(admin)
@blueprint.gives(204)
def lift_hold(therapist_id: uuid.UUID) -> None:
    """Lift a hold."""
    platform_hold.lift_hold(therapist_id, by=caller().require_person(), now=now())
