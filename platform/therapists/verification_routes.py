"""The verifier's part of the API: the queue, one credential with its records, recording a check, marking seen training."""

import uuid
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Instant, PageQuery, PublicId, Schema, Text, page_schema
from desk.kinds import PRIORITIES
from taxonomy.vocabulary import vocabulary
from therapists import rechecks, training, verification
from therapists.credential_states import DECISIONS, REASONS
from therapists.expiry import look_due_at
from therapists.models import CHECK_SCOPES, TRAINING_KINDS, Credential, TrainingRecord
from therapists.register_check import RegisterCheck
from therapists.representations import CredentialSchema, Json, credential_json
from therapists.schemas import CODE
from therapists.verification_queue import WORKS, Waiting, queue

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
    expires_on = Day(allow_none=True)
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
    expires_on = Day(required=True, allow_none=True)
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


class QueuedCredentialSchema(WaitingCredentialSchema):
    """A credential with the case that asks somebody to look at it."""

    case_id = PublicId(required=True)
    work = fields.String(required=True, validate=validate.OneOf(WORKS), metadata={"description": "first, second pair of eyes, monthly recheck, or full."})
    priority = fields.String(required=True, validate=validate.OneOf(PRIORITIES))
    due_at = Instant(required=True)
    owner_id = PublicId(required=True, allow_none=True)


class QueueQuery(PageQuery):
    register = fields.String(validate=validate.Length(1, 80), metadata={"description": "Only this register's entries."})


class RegisterQuery(Schema):
    register = fields.String(required=True, validate=validate.Length(1, 80))


class DueLookSchema(Schema):
    """One line of the list to take along: what the register showed last time."""

    credential_id = PublicId(required=True)
    number = fields.String(required=True)
    name_on_register = fields.String(required=True)
    status_text = fields.String(required=True)
    expires_on = Day(required=True, allow_none=True)
    checked_at = Instant(required=True)
    due_at = Instant(required=True)


class DueLooksSchema(Schema):
    register = fields.String(required=True)
    register_address = fields.String(required=True, allow_none=True)
    items = fields.List(fields.Nested(DueLookSchema), required=True)


class EntryReadSchema(Schema):
    credential_id = PublicId(required=True)
    number = Text(longest=40, required=True)
    name_found = Text(longest=120, required=True)
    status_text = Text(longest=200, required=True)
    expires_on = Day(required=True, allow_none=True)


class EntriesReadSchema(Schema):
    """What the register shows now, line by line."""

    register = fields.String(required=True, validate=validate.Length(1, 80))
    register_address = fields.Url(required=True, schemes={"https", "http"}, validate=validate.Length(max=500))
    entries = fields.List(fields.Nested(EntryReadSchema), required=True, validate=validate.Length(1, rechecks.MOST_AT_ONCE))


class LookOutcomeSchema(Schema):
    credential_id = PublicId(required=True)
    differs = fields.List(fields.String(), required=True, metadata={"description": "Empty: recorded as unchanged. Else what a person has to look at."})


class LookOutcomesSchema(Schema):
    items = fields.List(fields.Nested(LookOutcomeSchema), required=True)


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


QueuePageSchema = page_schema(QueuedCredentialSchema)


@blueprint.get("/queue")
@allow(verifier)
@blueprint.takes(QueueQuery, location="query")
@blueprint.gives(200, QueuePageSchema)
def read_queue(query: dict[str, Any]) -> Json:
    """Credentials that wait for a look, the most pressing first, then by their clock."""
    page = queue(by=caller().require_person(), **query)
    return {"items": [_queued(waiting) for waiting in page.items], "next": page.next}


@blueprint.get("/rechecks")
@allow(verifier)
@blueprint.takes(RegisterQuery, location="query")
@blueprint.gives(200, DueLooksSchema)
def list_rechecks(query: dict[str, Any]) -> Json:
    """The list to take along to one register: what it showed last time, the longest not looked at first."""
    register = vocabulary().registers.get(query["register"])
    found = rechecks.due_looks(query["register"], by=caller().require_person(), now=now())
    return {**query, "register_address": register.address if register else None, "items": [_due_look(credential) for credential in found]}


@blueprint.post("/rechecks")
@allow(verifier)
@blueprint.takes(EntriesReadSchema)
@blueprint.gives(200, LookOutcomesSchema)
def confirm_rechecks(body: dict[str, Any]) -> Json:
    """Bring back what one register shows now: what is exactly as it was is recorded, the rest waits for a single look."""
    entries = [rechecks.EntryRead(**entry) for entry in body["entries"]]
    place = {"register_address": body["register_address"]}
    return {"items": rechecks.confirm_unchanged(body["register"], entries, **place, by=caller().require_person(), now=now())}


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


def _queued(waiting: Waiting) -> Json:
    case = waiting.case
    return _waiting(waiting.credential) | {
        "case_id": case.public_id,
        "work": waiting.work(now=now()),
        "priority": case.priority,
        "due_at": case.due_at,
        "owner_id": case.owner.public_id if case.owner else None,
    }


def _due_look(credential: Credential) -> Json:
    last = rechecks.last_effective(credential)
    assert credential.checked_at is not None, "the list holds what was looked at"
    return {
        "credential_id": credential.public_id,
        **{name: getattr(credential, name) for name in ("number", "name_on_register", "expires_on", "checked_at")},
        "status_text": last.status_text if last else "",
        "due_at": look_due_at(credential.checked_at),
    }


def _with_records(credential: Credential) -> Json:
    return _waiting(credential) | {"records": credential.records}
