"""The verifier's part of the API: the queue, one credential with its records, recording a check, marking seen training."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema
from taxonomy.vocabulary import vocabulary
from therapists import training, verification
from therapists.credential_states import DECISIONS, REASONS
from therapists.models import CHECK_SCOPES, TRAINING_KINDS, Credential, TrainingRecord
from therapists.register_check import RegisterCheck
from therapists.representations import CredentialSchema, Json, credential_json
from therapists.schemas import CODE

blueprint = Blueprint("verification", __name__, url_prefix="/api/v1/verification", description="Checking credentials against official registers")
verifier = role("verifier")
ALL_REASONS = tuple(dict.fromkeys(reason for reasons in REASONS.values() for reason in reasons))


class WaitingCredentialSchema(CredentialSchema):
    therapist_id = PublicId(required=True)
    therapist_name = fields.String(required=True)
    register_address = fields.String(required=True, allow_none=True, metadata={"description": "Where the official register is looked up."})
    claim_digest = fields.String(required=True, metadata={"description": "Names the claim as it is now; a recorded check repeats it."})
    awaits_second = fields.Boolean(required=True, metadata={"description": "Approved once; a second verifier has to read the same."})


class RegisterCheckSchema(Schema):
    """What the register said, and the decision."""

    register_address = fields.Url(required=True, schemes={"https", "http"}, validate=validate.Length(max=500))
    number = Text(longest=40, required=True)
    status_text = Text(longest=200, required=True, metadata={"description": "As the register words it."})
    name_found = Text(longest=120, required=True)
    expires_on = fields.Date(allow_none=True)
    jurisdictions = fields.List(fields.String(validate=CODE), load_default=list, validate=validate.Length(max=60))
    restricted = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    supervised = fields.Boolean(load_default=False, truthy={True}, falsy={False})
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = fields.String(required=True, validate=validate.OneOf(ALL_REASONS))
    note = Text(longest=1000, empty=True, lines=True)
    checked_at = Instant(metadata={"description": "Without it: now."})
    claim_digest = fields.String(required=True, validate=validate.Length(max=64), metadata={"description": "Of the claim as you read it."})
    scope = fields.String(load_default="full", validate=validate.OneOf(CHECK_SCOPES), metadata={"description": "recheck: whether the entry is what it was."})


class VerificationRecordSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    checked_at = Instant(required=True)
    register_address = fields.String(required=True)
    number = fields.String(required=True)
    status_text = fields.String(required=True)
    name_found = fields.String(required=True)
    expires_on = fields.Date(required=True, allow_none=True)
    jurisdictions = fields.List(fields.String(), required=True)
    restricted = fields.Boolean(required=True)
    supervised = fields.Boolean(required=True)
    decision = fields.String(required=True, validate=validate.OneOf(DECISIONS))
    reason = fields.String(required=True)
    note = fields.String(required=True)
    scope = fields.String(required=True, validate=validate.OneOf(CHECK_SCOPES))
    took_effect = fields.Boolean(required=True, metadata={"description": "false: it waits for, or was, one of two looks that did not agree."})
    name_likeness = fields.Integer(required=True, allow_none=True, metadata={"description": "0 to 100, claimed name and name found."})
    next_check_at = Instant(required=True, allow_none=True)


class CredentialWithRecordsSchema(WaitingCredentialSchema):
    records = fields.List(fields.Nested(VerificationRecordSchema), required=True)


class TrainingSchema(Schema):
    kind = fields.String(required=True, validate=validate.OneOf(TRAINING_KINDS))
    slug = fields.String(load_default="", validate=validate.Length(max=60))
    body = Text(longest=120, required=True, metadata={"description": "Who vouches for it."})
    confirmed = fields.Boolean(required=True, truthy={True}, falsy={False})
    note = Text(longest=1000, empty=True, lines=True)


class TrainingRecordSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    kind = fields.String(required=True, validate=validate.OneOf(TRAINING_KINDS))
    slug = fields.String(required=True)
    body = fields.String(required=True)
    confirmed = fields.Boolean(required=True)
    checked_at = Instant(required=True)


QueuePageSchema = page_schema(WaitingCredentialSchema)


@blueprint.get("/queue")
@allow(verifier)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200, QueuePageSchema)
def read_queue(query: dict[str, Any]) -> Json:
    """Credentials that wait for a check, the longest waiting first."""
    page = verification.queue(by=caller().require_person(), **query)
    return {"items": [_waiting(credential) for credential in page.items], "next": page.next}


@blueprint.get("/credentials/<uuid:credential_id>")
@allow(verifier)
@blueprint.gives(200, CredentialWithRecordsSchema)
def read_credential(credential_id: uuid.UUID) -> Json:
    """One credential with all that was recorded about it."""
    return _with_records(verification.credential_to_verify(credential_id))


@blueprint.post("/credentials/<uuid:credential_id>/review")
@allow(verifier)
@blueprint.gives(200, CredentialWithRecordsSchema)
def begin_review(credential_id: uuid.UUID) -> Json:
    """Take a credential on: its case is yours."""
    return _with_records(verification.begin_review(credential_id, by=caller().require_person(), now=now()))


@blueprint.delete("/credentials/<uuid:credential_id>/review")
@allow(verifier)
@blueprint.gives(200, CredentialWithRecordsSchema)
def release_review(credential_id: uuid.UUID) -> Json:
    """Give a credential back to the queue."""
    return _with_records(verification.release_review(credential_id, by=caller().require_person(), now=now()))


@blueprint.post("/credentials/<uuid:credential_id>/records")
@allow(verifier)
@blueprint.takes(RegisterCheckSchema)
@blueprint.gives(201, CredentialWithRecordsSchema)
def record_check(body: dict[str, Any], credential_id: uuid.UUID) -> Json:
    """Record what the register says, and decide."""
    check = RegisterCheck(**{**body, "jurisdictions": tuple(body["jurisdictions"])})
    verification.record_check(credential_id, check, by=caller().require_person(), now=now())
    return _with_records(verification.credential_to_verify(credential_id))


@blueprint.post("/therapists/<uuid:therapist_id>/training")
@allow(verifier)
@blueprint.takes(TrainingSchema)
@blueprint.gives(201, TrainingRecordSchema)
def record_training(body: dict[str, Any], therapist_id: uuid.UUID) -> TrainingRecord:
    """Record that proof of training or competence was seen, or that it no longer holds."""
    return training.record_training(therapist_id, training.TrainingCheck(**body), by=caller().require_person(), now=now())


def _waiting(credential: Credential) -> Json:
    register = vocabulary().registers.get(credential.register)
    return credential_json(credential) | {
        "therapist_id": credential.therapist.public_id,
        "therapist_name": credential.therapist.display_name,
        "register_address": register.address if register else None,
        "claim_digest": credential.claim_digest,
        "awaits_second": credential.first_checked_by is not None,
    }


def _with_records(credential: Credential) -> Json:
    return _waiting(credential) | {"records": credential.records}
