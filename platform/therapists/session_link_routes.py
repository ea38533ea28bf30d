"""A therapist's own link for a service by video."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Schema
from therapists import profile
from therapists.models import Service
from therapists.services import service_of
from therapists.session_link import LINK_FROM, LONGEST, NOTICE, link_from, set_session_link

blueprint = Blueprint("session_links", __name__, url_prefix="/api/v1/therapist/services", description="Where a therapist's video sessions take place")


class GivenLinkSchema(Schema):
    address = fields.String(required=True, validate=validate.Length(1, LONGEST), metadata={"description": "Your own room, by https."})


class SessionLinkSchema(Schema):
    address = fields.String(required=True, allow_none=True)
    link_from = fields.String(required=True, allow_none=True, validate=validate.OneOf(LINK_FROM), metadata={"description": "null: this service needs no link."})
    notice = fields.String(required=True, allow_none=True, metadata={"description": "What you should know before you publish it."})


@blueprint.get("/<uuid:service_id>/session-link")
@allow(role("therapist"))
@blueprint.gives(200, SessionLinkSchema)
def read_link(service_id: uuid.UUID) -> dict[str, Any]:
    """Where clients of one of your services meet you."""
    return _shown(service_of(caller().require_person(), service_id))


@blueprint.put("/<uuid:service_id>/session-link")
@allow(role("therapist"))
@blueprint.takes(GivenLinkSchema)
@blueprint.gives(200, SessionLinkSchema)
def give_link(body: dict[str, Any], service_id: uuid.UUID) -> dict[str, Any]:
    """Give a service by video a link of your own. Participants see it from 15 minutes before a session; no mail and no calendar carries it."""
    return _shown(set_session_link(_mine(), service_id, body["address"], now=now()))


@blueprint.delete("/<uuid:service_id>/session-link")
@allow(role("therapist"))
@blueprint.gives(200, SessionLinkSchema)
def take_link_away(service_id: uuid.UUID) -> dict[str, Any]:
    """Use your own link no more."""
    return _shown(set_session_link(_mine(), service_id, None, now=now()))


def _mine() -> Any:
    return profile.profile_for_edit(caller().require_person(), version=profile.ANY_VERSION)


def _shown(service: Service) -> dict[str, Any]:
    where = link_from(service)
    return {"address": service.session_link, "link_from": where, "notice": NOTICE if where == "nobody" else None}
