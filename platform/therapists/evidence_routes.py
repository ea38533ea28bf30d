"""Evidence over HTTP: the owner sends, lists, reads and removes; the verifier who has claimed the case lists and reads. Files leave only as attachments."""

import uuid
from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from core.access import allow, caller, role
from core.clock import now
from core.http import LARGEST_FILE, Blueprint, Instant, PublicId, Schema, UploadSchema, attachment
from therapists import evidence
from therapists.evidence_calls import send_evidence
from therapists.evidence_models import MEDIA_TYPES, SCANS, EvidenceFile

own = Blueprint(
    "therapist_evidence",
    __name__,
    url_prefix="/api/v1/therapist/credentials/<uuid:credential_id>/evidence",
    description="Files in proof of a therapist's own credential",
)
to_verify = Blueprint(
    "verification_evidence",
    __name__,
    url_prefix="/api/v1/verification/credentials/<uuid:credential_id>/evidence",
    description="The same, for the verifier who has claimed the case",
)
blueprints = [own, to_verify]
therapist_only, verifier = role("therapist"), role("verifier")
BYTES = "application/octet-stream"


class EvidenceFileSchema(Schema):
    id = PublicId(attribute="public_id", required=True)
    media_type = fields.String(required=True, validate=validate.OneOf(MEDIA_TYPES), metadata={"description": "As found in the file itself."})
    size = fields.Integer(required=True, metadata={"description": "Bytes that are kept: a picture is made anew."})
    sha256 = fields.Function(lambda row: row.sha256.hex(), metadata={"type": "string", "pattern": "^[0-9a-f]{64}$"}, required=True)
    scan = fields.String(required=True, validate=validate.OneOf(SCANS), metadata={"description": "not_scanned: there was no virus scanner."})
    uploaded_at = Instant(required=True)


class EvidenceFilesSchema(Schema):
    items = fields.List(fields.Nested(EvidenceFileSchema), required=True)


@own.post("")
@allow(therapist_only, outside=True)
@own.takes(UploadSchema, location="files")
@own.gives(201, EvidenceFileSchema)
def add_evidence(files: dict[str, Any], credential_id: uuid.UUID) -> EvidenceFile:
    """Send a PDF, or a JPEG or PNG picture, of at most 10 MB. A picture is made anew, without the places and names that cameras write into it.

    What was approved was other evidence: an approved credential goes back to the queue and counts again once it was looked at."""
    return send_evidence(caller().require_person(), credential_id, files["file"].read(LARGEST_FILE + 1))


@own.get("")
@allow(therapist_only)
@own.gives(200, EvidenceFilesSchema)
def list_evidence(credential_id: uuid.UUID) -> dict[str, Sequence[EvidenceFile]]:
    """The files that you have sent for this credential."""
    return {"items": evidence.own_evidence(caller().require_person(), credential_id)}


@own.get("/<uuid:evidence_id>")
@allow(therapist_only, records_reads=True)
@own.gives_file(200, BYTES)
def read_evidence(credential_id: uuid.UUID, evidence_id: uuid.UUID) -> Any:
    """One of your files, as an attachment. Reading it is recorded."""
    row, content = evidence.read_own_evidence(caller().require_person(), credential_id, evidence_id)
    return attachment(content, evidence.file_name(row))


@own.delete("/<uuid:evidence_id>")
@allow(therapist_only)
@own.gives(204)
def remove_evidence(credential_id: uuid.UUID, evidence_id: uuid.UUID) -> None:
    """Take a file back, unless somebody reviews it or has decided by it."""
    evidence.remove_own_evidence(caller().require_person(), credential_id, evidence_id, now=now())


@to_verify.get("")
@allow(verifier)
@to_verify.gives(200, EvidenceFilesSchema)
def list_evidence_to_verify(credential_id: uuid.UUID) -> dict[str, Sequence[EvidenceFile]]:
    """The files of a credential whose case you have claimed."""
    return {"items": evidence.evidence_to_verify(credential_id, by=caller().require_person())}


@to_verify.get("/<uuid:evidence_id>")
@allow(verifier, records_reads=True)
@to_verify.gives_file(200, BYTES)
def read_evidence_to_verify(credential_id: uuid.UUID, evidence_id: uuid.UUID) -> Any:
    """One of them, as an attachment. Reading it is recorded."""
    row, content = evidence.read_evidence_to_verify(credential_id, evidence_id, by=caller().require_person())
    return attachment(content, evidence.file_name(row))
