"""Everything we hold about a therapist's profession, for the therapist to take along: profile, services, hours, credentials, what was checked and when,
which files and photos were sent, what registers with an interface answered, their last day and their executor; and what packages above hold about their work.
Whoever leaves takes it; whoever stays may ask at any time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import undefer

from core import audit
from core.db import db
from therapists.check_models import AgreementSignature, PracticeCheckRecord
from therapists.evidence_models import EvidenceFile
from therapists.executor import executor_of
from therapists.leaving_models import Executor, PlannedLeave
from therapists.lookup_models import RegisterLookup
from therapists.models import Credential, Therapist, TrainingRecord, VerificationRecord
from therapists.profile import own_profile
from therapists.profile_models import ProfilePhoto

# person_id: what is held, as plain values of a JSON document, the oldest first; of this therapist alone, and nobody else's name in it.
Contributor = Callable[[int], Sequence[Mapping[str, Any]]]
_contributors: dict[str, Contributor] = {}


def contribute(part: str, contributor: Contributor) -> None:
    """A package above holds something too. Connected by the assembly; connecting twice changes nothing."""
    _contributors[part] = contributor


@dataclass(frozen=True)
class Check:
    """One recorded look at a register, and which credential it was about."""

    credential: Credential
    record: VerificationRecord


@dataclass(frozen=True)
class OwnRecords:
    therapist: Therapist
    checks: Sequence[Check]
    trainings: Sequence[TrainingRecord]
    required_checks: Sequence[PracticeCheckRecord]
    signatures: Sequence[AgreementSignature]
    evidence: Sequence[EvidenceFile]
    lookups: Sequence[RegisterLookup]
    photos: Sequence[ProfilePhoto]
    leaves: Sequence[PlannedLeave]
    executor: Executor | None
    also: Mapping[str, Sequence[Mapping[str, Any]]]


def own_records(person_id: int) -> OwnRecords:
    """Of this therapist alone; NotFound without a profile. The export is recorded. Files of evidence are read one by one; photos are in it."""
    therapist = own_profile(person_id)
    trainings = select(TrainingRecord).where(TrainingRecord.therapist_id == person_id).order_by(TrainingRecord.id)
    files = select(EvidenceFile).where(EvidenceFile.uploaded_by == person_id)
    seen = select(PracticeCheckRecord).where(PracticeCheckRecord.therapist_id == person_id).order_by(PracticeCheckRecord.id)
    signed = select(AgreementSignature).where(AgreementSignature.therapist_id == person_id).order_by(AgreementSignature.id)
    asked = select(RegisterLookup).where(RegisterLookup.credential_id.in_([each.id for each in therapist.credentials])).order_by(RegisterLookup.id)
    photos = select(ProfilePhoto).where(ProfilePhoto.therapist_id == person_id).order_by(ProfilePhoto.id).options(undefer(ProfilePhoto.content))
    leaves = select(PlannedLeave).where(PlannedLeave.therapist_id == person_id).order_by(PlannedLeave.id)
    audit.record("therapists.records_exported", subject=("therapist", therapist.public_id), actor=person_id)
    return OwnRecords(
        therapist,
        [Check(credential, record) for credential in therapist.credentials for record in credential.records],
        db.session.scalars(trainings).all(),
        db.session.scalars(seen).all(),
        db.session.scalars(signed).all(),
        db.session.scalars(files.order_by(EvidenceFile.id)).all(),
        db.session.scalars(asked).all(),
        db.session.scalars(photos).all(),
        db.session.scalars(leaves).all(),
        executor_of(person_id),
        {part: contributor(person_id) for part, contributor in sorted(_contributors.items())},
    )
