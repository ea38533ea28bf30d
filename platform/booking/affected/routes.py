"""The desk's list of bookings that cannot take place as they stand."""

import uuid
from typing import Any

from marshmallow import fields, validate

from booking.affected import listed
from booking.affected.models import CAUSES, RESOLUTIONS
from booking.affected.resolve import BY_HAND, resolve_affected
from booking.lifecycle import State
from booking.schemas import NamedSchema
from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, page_schema
from desk.kinds import ROLE_OF_KIND
from desk.schemas import CaseContactSchema

blueprint = Blueprint("affected_bookings", __name__, url_prefix="/api/v1/affected-bookings", description="Bookings that a leave or a stop keeps from being")
desk = role(ROLE_OF_KIND["leaving"])
Json = dict[str, Any]


class AffectedQuery(PageQuery):
    cause = fields.String(required=True, validate=validate.OneOf(CAUSES), metadata={"description": "As the case names its subject."})
    cause_id = PublicId(required=True)


class AffectedBookingSchema(Schema):
    id = PublicId(required=True)
    booking_id = PublicId(required=True)
    state = fields.String(required=True, validate=validate.OneOf([state.value for state in State]))
    starts_at = Instant(required=True)
    kind = fields.String(required=True)
    mode = fields.String(required=True)
    clients = fields.List(fields.Nested(NamedSchema), required=True)
    at_risk = fields.Boolean(required=True, metadata={"description": "Speak with the people on duty for safety first."})
    resolution = fields.String(required=True, allow_none=True, validate=validate.OneOf([*RESOLUTIONS, "ended"]))


class ResolutionSchema(Schema):
    resolution = fields.String(required=True, validate=validate.OneOf(BY_HAND))
    offer_matching = fields.Boolean(load_default=False, truthy={True}, falsy={False}, metadata={"description": "Ask a matchmaker to look with the clients."})


class ContactsSchema(Schema):
    items = fields.List(fields.Nested(CaseContactSchema), required=True)


AffectedPageSchema = page_schema(AffectedBookingSchema)


@blueprint.get("")
@allow(desk, records_reads=True)
@blueprint.takes(AffectedQuery, location="query")
@blueprint.gives(200, AffectedPageSchema)
def list_affected(query: Json) -> Json:
    """The list of one cause: people at risk first, then by their next session. Reading it is recorded."""
    page = listed.affected_of(listed.Cause(query["cause"], query["cause_id"]), limit=query["limit"], cursor=query.get("cursor"))
    return {"items": [_line(line) for line in page.items], "next": page.next}


@blueprint.get("/<uuid:affected_id>/contacts")
@allow(desk, records_reads=True)
@blueprint.gives(200, ContactsSchema)
def read_contacts(affected_id: uuid.UUID) -> Json:
    """How to reach the clients of a line of a case of yours. Reading it is recorded."""
    return {"items": listed.contacts_of(affected_id, by=caller().require_person())}


@blueprint.post("/<uuid:affected_id>/resolve")
@allow(desk)
@blueprint.takes(ResolutionSchema)
@blueprint.gives(204)
def resolve(body: Json, affected_id: uuid.UUID) -> None:
    """Settle one line of a case of yours: call the booking off free of charge, or note that it was moved by agreement."""
    resolve_affected(affected_id, **body, by=caller().require_person(), now=now())


def _line(line: listed.Affected) -> Json:
    booking = line.booking
    return {
        "id": line.row.public_id,
        "booking_id": booking.public_id,
        **{name: getattr(booking, name) for name in ("state", "starts_at", "kind", "mode")},
        "clients": [participant.person for participant in booking.participants],
        "at_risk": line.at_risk,
        "resolution": line.resolution,
    }
