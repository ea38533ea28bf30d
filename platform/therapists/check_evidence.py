"""Files in proof of a required check: insurance, identity, supervision, work with children. Judged, sealed and read as those of credentials are."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import after_refusal, db
from core.errors import NotFound
from desk.cases import owns_case_about
from taxonomy.vocabulary import vocabulary
from therapists.check_models import PracticeCheck
from therapists.check_records import check_of, subject_of
from therapists.evidence import EvidenceReliedOn, Inspected, keep, kept_for, mark_removed, one_for, read_for, refuse_too_much
from therapists.evidence_models import EvidenceFile
from therapists.models import Therapist


def require_room_for_check(therapist_id: int, kind: str, *, now: datetime, size: int = 0) -> PracticeCheck:
    """The check, locked, if one more file of this size may join it. NotFound for a kind that is not proved by files."""
    known = vocabulary().checks.kinds.get(kind)
    therapist = db.session.scalars(select(Therapist).where(Therapist.person_id == therapist_id).with_for_update(key_share=True)).one_or_none()
    if known is None or not known.takes_proof or therapist is None:
        raise NotFound
    check = check_of(therapist_id, kind, zone=therapist.zone)
    refuse_too_much(check, therapist_id, now=now, size=size)
    return check


def add_check_evidence(therapist_id: int, kind: str, public_id: uuid.UUID, inspected: Inspected, *, now: datetime) -> EvidenceFile:
    """The row of a file that was put away. Refusals as `require_room_for_check`, and SentAlready. What holds goes on holding."""
    return keep(require_room_for_check(therapist_id, kind, now=now, size=len(inspected.content)), therapist_id, public_id, inspected, now=now)


def own_check_evidence(therapist_id: int, kind: str) -> Sequence[EvidenceFile]:
    """What the owner has sent for this check and is still kept."""
    check = _own(therapist_id, kind)
    return kept_for(check) if check is not None else ()


def read_own_check_evidence(therapist_id: int, kind: str, evidence_id: uuid.UUID) -> tuple[EvidenceFile, bytes]:
    """A file of one's own. The reading is recorded."""
    return read_for(_existing(therapist_id, kind), evidence_id, by=therapist_id)


def remove_own_check_evidence(therapist_id: int, kind: str, evidence_id: uuid.UUID, *, now: datetime) -> EvidenceFile:
    """Take a file back. EvidenceReliedOn while it waits for a look, or a look has come after it."""
    check = _existing(therapist_id, kind)
    row = one_for(check, evidence_id)
    if check.offered_at is not None or (check.checked_at is not None and check.checked_at >= row.uploaded_at):
        raise EvidenceReliedOn
    return mark_removed(row, "by_owner", by=therapist_id, now=now)


def check_evidence_to_verify(check_id: uuid.UUID, *, by: int) -> Sequence[EvidenceFile]:
    """The files of a check whose case `by` has claimed; NotFound for every other verifier."""
    return kept_for(_assigned(check_id, by))


def read_check_evidence_to_verify(check_id: uuid.UUID, evidence_id: uuid.UUID, *, by: int) -> tuple[EvidenceFile, bytes]:
    """A file of a check whose case `by` has claimed. The reading is recorded, and so is a refused one."""
    return read_for(_assigned(check_id, by), evidence_id, by=by)


def _own(therapist_id: int, kind: str) -> PracticeCheck | None:
    wanted = select(PracticeCheck).where(PracticeCheck.therapist_id == therapist_id, PracticeCheck.kind == kind)
    return db.session.scalars(wanted).one_or_none()


def _existing(therapist_id: int, kind: str) -> PracticeCheck:
    check = _own(therapist_id, kind)
    if check is None:
        raise NotFound
    return check


def _assigned(check_id: uuid.UUID, by: int) -> PracticeCheck:
    found = db.session.scalars(select(PracticeCheck).where(PracticeCheck.public_id == check_id)).one_or_none()
    if found is not None and found.therapist_id != by and owns_case_about("verification", subject_of(found), by=by):
        return found
    after_refusal(lambda: audit.record("therapists.evidence_refused", subject=("check", check_id), actor=by, reason="not_assigned"))
    raise NotFound
