"""A therapist's own records as one JSON document, to be saved."""

from base64 import b64encode
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Instant, PublicId, Schema
from therapists.check_routes import KINDS, CheckRecordSchema, SignedSchema
from therapists.evidence_routes import EvidenceFileSchema
from therapists.leaving_routes import AnnouncedLeaveSchema, NamedExecutorSchema
from therapists.lookup_routes import RegisterLookupSchema
from therapists.models import TRAINING_KINDS
from therapists.own_records import own_records
from therapists.profile_photo import MEDIA_TYPE
from therapists.representations import OwnProfileSchema, own_page

blueprint = Blueprint("therapist_records", __name__, url_prefix="/api/v1/therapist/records", description="All we hold about a therapist's profession")
CHECK_FACTS = ("checked_at", "register_address", "number", "status_text", "name_found", "expires_on", "jurisdictions", "restricted", "decision", "reason")


class OwnCheckSchema(Schema):
    credential = PublicId(required=True)
    checked_at = Instant(required=True)
    register_address = fields.String(required=True)
    number = fields.String(required=True)
    status_text = fields.String(required=True)
    name_found = fields.String(required=True)
    expires_on = Day(required=True, allow_none=True)
    jurisdictions = fields.List(fields.String(), required=True)
    restricted = fields.Boolean(required=True)
    decision = fields.String(required=True)
    reason = fields.String(required=True)


class OwnTrainingSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(TRAINING_KINDS))
    slug = fields.String(required=True)
    body = fields.String(required=True)
    confirmed = fields.Boolean(required=True)
    checked_at = Instant(required=True)


class OwnCheckRecordSchema(CheckRecordSchema):
    kind = fields.String(required=True, validate=validate.OneOf(KINDS))


class SentEvidenceSchema(EvidenceFileSchema):
    removed_at = Instant(required=True, allow_none=True)
    removed_reason = fields.String(required=True, allow_none=True)


class OwnPhotoSchema(Schema):
    state = fields.String(required=True)
    digest = fields.String(required=True, metadata={"description": "SHA-256 of the picture."})
    uploaded_at = Instant(required=True)
    media_type = fields.Constant(MEDIA_TYPE, metadata={"type": "string"})
    content = fields.Function(lambda photo: b64encode(photo.content).decode(), metadata={"type": "string", "format": "byte"}, required=True)


class OwnLeaveSchema(AnnouncedLeaveSchema):
    called_off_at = Instant(required=True, allow_none=True)


class OwnRecordsSchema(Schema):
    made_at = Instant(required=True)
    profile = fields.Nested(OwnProfileSchema, required=True)
    checks = fields.List(fields.Nested(OwnCheckSchema), required=True)
    trainings = fields.List(fields.Nested(OwnTrainingSchema), required=True)
    required_checks = fields.List(fields.Nested(OwnCheckRecordSchema), required=True)
    agreement_signatures = fields.List(fields.Nested(SignedSchema), required=True)
    evidence = fields.List(fields.Nested(SentEvidenceSchema), required=True)
    register_lookups = fields.List(fields.Nested(RegisterLookupSchema), required=True)
    photos = fields.List(fields.Nested(OwnPhotoSchema), required=True)
    leaving = fields.List(fields.Nested(OwnLeaveSchema), required=True)
    executor = fields.Nested(NamedExecutorSchema, required=True, allow_none=True)
    also = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.Dict()),
        required=True,
        metadata={"description": "What is held about your work beside it, by part: `appointments` without their clients, `disruptions`."},
    )


@blueprint.get("")
@allow(role("therapist"), records_reads=True)
@blueprint.gives(200, OwnRecordsSchema)
def export_records() -> tuple[dict[str, Any], dict[str, str]]:
    """Your profile, services, hours, credentials, what was checked, photos, appointments, and which files you sent: one document. It is recorded."""
    held = own_records(caller().require_person())
    document = {
        "made_at": now(),
        "profile": own_page(held.therapist, now=now()),
        "checks": [{"credential": check.credential.public_id, **{name: getattr(check.record, name) for name in CHECK_FACTS}} for check in held.checks],
        "trainings": held.trainings,
        "required_checks": held.required_checks,
        "agreement_signatures": held.signatures,
        "evidence": held.evidence,
        "register_lookups": held.lookups,
        "photos": held.photos,
        "leaving": held.leaves,
        "executor": held.executor,
        "also": held.also,
    }
    return document, {"Content-Disposition": 'attachment; filename="attune-records.json"'}
