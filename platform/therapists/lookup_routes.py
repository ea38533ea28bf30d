"""A verifier has a register with an interface asked, and reads what it answered beside the case."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, page_schema
from therapists.lookup_jobs import ask_register
from therapists.lookup_models import ANSWERS
from therapists.register_answers import ALARMS, REASONS
from therapists.register_lookup import LookupPage, lookups_beside, request_lookup

blueprint = Blueprint("register_lookups", __name__, url_prefix="/api/v1/verification/credentials", description="Asking registers that have an interface")
verifier = role("verifier")


class LookupRequestedSchema(Schema):
    credential_id = PublicId(required=True)
    requested_at = Instant(required=True)


class RegisterLookupSchema(Schema):
    """An answer to read beside one's own look. It decides nothing, and `unavailable` never means that all is well."""

    id = PublicId(attribute="public_id", required=True)
    asked_at = Instant(required=True)
    attempt = fields.Integer(required=True)
    register = fields.String(required=True)
    number = fields.String(required=True)
    source = fields.String(required=True, metadata={"description": "The address that was asked."})
    answer = fields.String(required=True, validate=validate.OneOf(ANSWERS), metadata={"description": "unavailable: could not be asked at that time."})
    reason = fields.String(required=True, allow_none=True, validate=validate.OneOf(REASONS), metadata={"description": "Why it could not be asked."})
    asks_again_at = Instant(required=True, allow_none=True)
    status_text = fields.String(required=True)
    names = fields.List(fields.String(), required=True)
    name_likeness = fields.Integer(required=True, allow_none=True, metadata={"description": "0 to 100, claimed name and the nearest name found."})
    credential_types = fields.List(fields.String(), required=True, metadata={"description": "What the holder is registered as. An identifier licenses nobody."})
    restrictions = fields.List(fields.String(), required=True)
    expires_on = Day(required=True, allow_none=True)
    alarms = fields.List(fields.String(validate=validate.OneOf(ALARMS)), required=True)


@blueprint.post("/<uuid:credential_id>/lookups")
@allow(verifier)
@blueprint.gives(202, LookupRequestedSchema)
def ask_for_lookup(credential_id: uuid.UUID) -> dict[str, Any]:
    """Have the register asked now. The answer is read from the list; a register that cannot be asked is asked again by itself."""
    by, at = caller().require_person(), now()
    ask_register.enqueue(credential_id=request_lookup(credential_id, by=by, now=at), asked_by=by, attempt=1)
    return {"credential_id": credential_id, "requested_at": at}


@blueprint.get("/<uuid:credential_id>/lookups")
@allow(verifier)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, page_schema(RegisterLookupSchema))
def list_lookups(query: dict[str, Any], credential_id: uuid.UUID) -> LookupPage:
    """What registers answered about this entry, and about the same therapist's identifiers; the latest first."""
    return lookups_beside(credential_id, by=caller().require_person(), **query)
