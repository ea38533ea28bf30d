"""Evidence: files in proof of a credential, or of a required check (`check_evidence`).

The owner sends, reads and (until somebody relies on them) removes them; the verifier who has claimed the case reads them. Nobody else, and every reading
is recorded.

A file comes in three steps, so that nobody's parser, scanner or disk is waited for inside a transaction: `require_room`, `inspect` and `put_away`, then
`add_evidence`.
"""

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select

from core import antivirus, audit, vault
from core.db import after_refusal, db
from core.errors import Conflict, Gone, Invalid, NotFound, TooLarge
from core.http import LARGEST_FILE
from core.images import clean_image, image_type_of
from core.jobs import job
from core.pdfs import is_pdf, require_plain_pdf
from desk.cases import owns_case_about
from therapists.check_models import PracticeCheck
from therapists.credentials import claim_changed, credential_of
from therapists.evidence_models import EvidenceFile
from therapists.models import Credential

MOST_FILES = 5
MOST_BYTES = 25 * 1024 * 1024
MOST_A_DAY = 20
LONGEST_SIDE = 4000  # pixels; a page of A4 at 340 dpi
# Nobody judges the credential any more, so nobody needs to see its proof.
CLOSED_TO_UPLOADS = frozenset({"withdrawn", "revoked"})
# Somebody looks at the files, or has decided by them.
RELIED_ON = frozenset({"in_review", "active", "expiring", "suspended", "revoked"})
SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


class NotEvidence(Invalid):
    code, detail = "not_evidence", "Send a PDF, or a JPEG or PNG picture."


class EmptyFile(Invalid):
    code, detail = "empty_file", "This file is empty."


class FileTooLarge(TooLarge):
    code, detail = "file_too_large", "A file may have at most 10 MB."


class NoMoreRoom(Conflict):
    code, detail = "no_more_room", f"There is room for {MOST_FILES} files and 25 MB together. Remove one first."


class TooManyToday(Conflict):
    code, detail = "too_many_today", "You have sent many files today. Please go on tomorrow."


class NoUploadsNow(Conflict):
    code, detail = "no_uploads_now", "This credential takes no files in its present state."


class SentAlready(Conflict):
    code, detail = "sent_already", "This file is here already."


class EvidenceReliedOn(Conflict):
    code, detail = "evidence_relied_on", "Somebody reviews this file or has decided by it, so it cannot be removed now."


class EvidenceRemoved(Gone):
    code, detail = "evidence_removed", "This file has been removed. Its record remains."


Proven = Credential | PracticeCheck


@dataclass(frozen=True)
class Inspected:
    """What may be kept: plain pages, or a picture made anew. `scan` as `antivirus.scan` says."""

    content: bytes
    media_type: str
    scan: str

    @property
    def sha256(self) -> bytes:
        return hashlib.sha256(self.content).digest()


def inspect(content: bytes) -> Inspected:
    """Judge a stranger's file by its bytes alone, with no transaction open. Its name and its declared type say nothing.

    Refusals: FileTooLarge, EmptyFile, NotEvidence, those of `core.images` and `core.pdfs`, Infected, ScannerFailed.
    """
    if len(content) > LARGEST_FILE:
        raise FileTooLarge
    if not content:
        raise EmptyFile
    media_type = "application/pdf" if is_pdf(content) else image_type_of(content)
    if media_type is None:
        raise NotEvidence
    scanned = antivirus.scan(content)
    if media_type == "application/pdf":
        require_plain_pdf(content)
        return Inspected(content, media_type, scanned)
    picture = clean_image(content, longest=LONGEST_SIDE)
    return Inspected(picture.content, picture.media_type, scanned)


def put_away(inspected: Inspected) -> uuid.UUID:
    """Seal the file under a name of ours. Without a row it is swept away after a day."""
    public_id = uuid.uuid4()
    vault.put(public_id, inspected.content, table=EvidenceFile.__tablename__)
    return public_id


def require_room(therapist_id: int, credential_id: uuid.UUID, *, now: datetime, size: int = 0) -> Credential:
    """The credential, locked, if one more file of this size may join it. NotFound for anybody else's."""
    credential = credential_of(therapist_id, credential_id)
    if credential.state in CLOSED_TO_UPLOADS:
        raise NoUploadsNow
    refuse_too_much(credential, therapist_id, now=now, size=size)
    return credential


def refuse_too_much(proven: Proven, therapist_id: int, *, now: datetime, size: int = 0) -> None:
    """NoMoreRoom beside what is kept for this already, TooManyToday."""
    kept = select(func.count(), func.coalesce(func.sum(EvidenceFile.size), 0)).where(_for(proven))
    count, total = db.session.execute(kept.where(EvidenceFile.removed_at.is_(None))).one()
    if count >= MOST_FILES or total + size > MOST_BYTES:
        raise NoMoreRoom
    recent = select(func.count()).where(EvidenceFile.uploaded_by == therapist_id, EvidenceFile.uploaded_at > now - timedelta(days=1))
    if db.session.execute(recent).scalar_one() >= MOST_A_DAY:
        raise TooManyToday


def add_evidence(therapist_id: int, credential_id: uuid.UUID, public_id: uuid.UUID, inspected: Inspected, *, now: datetime) -> EvidenceFile:
    """The row of a file that was put away. Refusals as `require_room`, and SentAlready. An approval was of other evidence: its review begins anew."""
    credential = require_room(therapist_id, credential_id, now=now, size=len(inspected.content))
    row = keep(credential, therapist_id, public_id, inspected, now=now)
    _bind(credential, now=now)
    return row


def keep(proven: Proven, therapist_id: int, public_id: uuid.UUID, inspected: Inspected, *, now: datetime) -> EvidenceFile:
    """The row of a file; SentAlready."""
    if any(each.sha256 == inspected.sha256 for each in kept_for(proven)):
        raise SentAlready
    row = EvidenceFile(
        public_id=public_id,
        credential_id=proven.id if isinstance(proven, Credential) else None,
        check_id=proven.id if isinstance(proven, PracticeCheck) else None,
        uploaded_by=therapist_id,
        uploaded_at=now,
        media_type=inspected.media_type,
        size=len(inspected.content),
        sha256=inspected.sha256,
        scan=inspected.scan,
    )
    db.session.add(row)
    db.session.flush()
    audit.record("therapists.evidence_added", subject=("evidence", public_id), actor=therapist_id, scan=inspected.scan, **_names(proven))
    return row


def own_evidence(therapist_id: int, credential_id: uuid.UUID) -> Sequence[EvidenceFile]:
    """What the owner has sent for this credential and is still kept."""
    return kept_for(_own(therapist_id, credential_id))


def read_own_evidence(therapist_id: int, credential_id: uuid.UUID, evidence_id: uuid.UUID) -> tuple[EvidenceFile, bytes]:
    """A file of one's own. The reading is recorded."""
    return read_for(_own(therapist_id, credential_id), evidence_id, by=therapist_id)


def remove_own_evidence(therapist_id: int, credential_id: uuid.UUID, evidence_id: uuid.UUID, *, now: datetime) -> EvidenceFile:
    """Take a file back; its row stays without content. EvidenceReliedOn while it is reviewed or a decision stands on it."""
    credential = credential_of(therapist_id, credential_id)
    row = one_for(credential, evidence_id)
    if credential.state in RELIED_ON:
        raise EvidenceReliedOn
    mark_removed(row, "by_owner", by=therapist_id, now=now)
    _bind(credential, now=now)
    return row


def evidence_to_verify(credential_id: uuid.UUID, *, by: int) -> Sequence[EvidenceFile]:
    """The files of a credential whose case `by` has claimed; NotFound for every other verifier."""
    return kept_for(_assigned(credential_id, by))


def read_evidence_to_verify(credential_id: uuid.UUID, evidence_id: uuid.UUID, *, by: int) -> tuple[EvidenceFile, bytes]:
    """A file of a credential whose case `by` has claimed. The reading is recorded, and so is a refused one."""
    return read_for(_assigned(credential_id, by), evidence_id, by=by)


def _bind(credential: Credential, *, now: datetime) -> None:
    """One SHA-256 over all that proves the credential now, in no order, joins the claim. What is swept later is not unbound: it was seen."""
    digests = sorted(each.sha256 for each in kept_for(credential))
    credential.evidence_digest = hashlib.sha256(b"".join(digests)).hexdigest() if digests else None
    claim_changed(credential, by=credential.therapist_id, now=now)


def mark_removed(row: EvidenceFile, reason: str, *, by: int | None, now: datetime) -> EvidenceFile:
    """The row says that the file is gone; a job removes it once that is committed."""
    row.removed_at, row.removed_reason = now, reason
    remove_file.enqueue(evidence_id=row.id)
    audit.record("therapists.evidence_removed", subject=("evidence", row.public_id), actor=by, reason=reason)
    db.session.flush()
    return row


@job("therapists.remove_evidence")
def remove_file(evidence_id: int) -> None:
    """The file of a row that was marked as removed."""
    row = db.session.get(EvidenceFile, evidence_id)
    if row is not None and row.removed_at is not None:
        vault.remove(row.public_id)


def file_name(row: EvidenceFile) -> str:
    """Ours, from the id and the type that we found: nothing of what the sender called it."""
    return f"evidence-{row.public_id.hex[:8]}.{SUFFIXES[row.media_type]}"


def _for(proven: Proven) -> ColumnElement[bool]:
    return EvidenceFile.credential_id == proven.id if isinstance(proven, Credential) else EvidenceFile.check_id == proven.id


def _names(proven: Proven) -> dict[str, str]:
    return {"credential" if isinstance(proven, Credential) else "check": str(proven.public_id)}


def _own(therapist_id: int, credential_id: uuid.UUID) -> Credential:
    found = db.session.scalars(select(Credential).where(Credential.therapist_id == therapist_id, Credential.public_id == credential_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _assigned(credential_id: uuid.UUID, by: int) -> Credential:
    found = db.session.scalars(select(Credential).where(Credential.public_id == credential_id)).one_or_none()
    if found is not None and found.therapist_id != by and owns_case_about("verification", ("credential", str(credential_id)), by=by):
        return found
    after_refusal(lambda: audit.record("therapists.evidence_refused", subject=("credential", credential_id), actor=by, reason="not_assigned"))
    raise NotFound


def kept_for(proven: Proven) -> Sequence[EvidenceFile]:
    """The files that are kept in proof of this, the oldest first."""
    kept = select(EvidenceFile).where(_for(proven), EvidenceFile.removed_at.is_(None))
    return db.session.scalars(kept.order_by(EvidenceFile.id)).all()


def one_for(proven: Proven, evidence_id: uuid.UUID) -> EvidenceFile:
    """One of them; NotFound, EvidenceRemoved."""
    wanted = select(EvidenceFile).where(_for(proven), EvidenceFile.public_id == evidence_id)
    row = db.session.scalars(wanted).one_or_none()
    if row is None:
        raise NotFound
    if row.removed_at is not None:
        raise EvidenceRemoved
    return row


def read_for(proven: Proven, evidence_id: uuid.UUID, *, by: int) -> tuple[EvidenceFile, bytes]:
    """Its row and its bytes. The reading is recorded."""
    row = one_for(proven, evidence_id)
    audit.record("therapists.evidence_read", subject=("evidence", evidence_id), actor=by, **_names(proven))
    return row, vault.get(row.public_id, table=EvidenceFile.__tablename__)
