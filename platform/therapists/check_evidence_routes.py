"""Proof of required checks over HTTP: the owner sends, lists, reads and removes; the verifier who has claimed the case lists and reads."""

import uuid
from collections.abc import Sequence
from typing import Any

from core.access import allow, caller, role
from core.clock import now
from core.http import LARGEST_FILE, Blueprint, UploadSchema, attachment
from therapists import check_evidence, evidence
from therapists.evidence_calls import send_check_evidence
from therapists.evidence_models import EvidenceFile
from therapists.evidence_routes import BYTES, EvidenceFileSchema, EvidenceFilesSchema

own = Blueprint(
    "therapist_check_evidence", __name__, url_prefix="/api/v1/therapist/checks/<kind>/evidence", description="Files in proof of a required check of your own"
)
to_verify = Blueprint(
    "verification_check_evidence",
    __name__,
    url_prefix="/api/v1/verification/checks/<uuid:check_id>/evidence",
    description="The same, for the verifier who has claimed the case",
)
blueprints = [own, to_verify]
therapist_only, verifier = role("therapist"), role("verifier")


@own.post("")
@allow(therapist_only, outside=True)
@own.takes(UploadSchema, location="files")
@own.gives(201, EvidenceFileSchema)
def add_check_evidence(files: dict[str, Any], kind: str) -> EvidenceFile:
    """Send a PDF, or a JPEG or PNG picture, of at most 10 MB. A picture is made anew. Then offer it, so that we look at it."""
    return send_check_evidence(caller().require_person(), kind, files["file"].read(LARGEST_FILE + 1))


@own.get("")
@allow(therapist_only)
@own.gives(200, EvidenceFilesSchema)
def list_check_evidence(kind: str) -> dict[str, Sequence[EvidenceFile]]:
    """The files that you have sent for this check and that are still kept."""
    return {"items": check_evidence.own_check_evidence(caller().require_person(), kind)}


@own.get("/<uuid:evidence_id>")
@allow(therapist_only, records_reads=True)
@own.gives_file(200, BYTES)
def read_check_evidence(kind: str, evidence_id: uuid.UUID) -> Any:
    """One of your files, as an attachment. Reading it is recorded."""
    row, content = check_evidence.read_own_check_evidence(caller().require_person(), kind, evidence_id)
    return attachment(content, evidence.file_name(row))


@own.delete("/<uuid:evidence_id>")
@allow(therapist_only)
@own.gives(204)
def remove_check_evidence(kind: str, evidence_id: uuid.UUID) -> None:
    """Take a file back, unless it waits for a look or somebody has decided by it."""
    check_evidence.remove_own_check_evidence(caller().require_person(), kind, evidence_id, now=now())


@to_verify.get("")
@allow(verifier)
@to_verify.gives(200, EvidenceFilesSchema)
def list_check_evidence_to_verify(check_id: uuid.UUID) -> dict[str, Sequence[EvidenceFile]]:
    """The files of a check whose case you have claimed."""
    return {"items": check_evidence.check_evidence_to_verify(check_id, by=caller().require_person())}


@to_verify.get("/<uuid:evidence_id>")
@allow(verifier, records_reads=True)
@to_verify.gives_file(200, BYTES)
def read_check_evidence_to_verify(check_id: uuid.UUID, evidence_id: uuid.UUID) -> Any:
    """One of them, as an attachment. Reading it is recorded."""
    row, content = check_evidence.read_check_evidence_to_verify(check_id, evidence_id, by=caller().require_person())
    return attachment(content, evidence.file_name(row))
