"""The therapist signs the agreement: their own act, of words they had before them."""

from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from core.zones import local_date
from therapists.agreement import Agreement, agreements, in_force
from therapists.check_models import AgreementSignature
from therapists.check_records import check_of
from therapists.models import Therapist
from therapists.required_checks import AGREEMENT


class AgreementChanged(Conflict):
    code, detail = "agreement_changed", "This is not the agreement that is in force now. Please read it again."


def agreement_for(therapist: Therapist, *, now: datetime) -> Agreement:
    """The version that is offered today, where the therapist practises."""
    return in_force(agreements(), local_date(therapist.zone, int(now.timestamp())))


def sign_agreement(person_id: int, *, version: str, digest: str, now: datetime) -> AgreementSignature:
    """Sign the version in force. AgreementChanged unless `version` and `digest` name its words; signing the same again changes nothing."""
    therapist = db.session.scalars(select(Therapist).where(Therapist.person_id == person_id).with_for_update(key_share=True)).one_or_none()
    if therapist is None:
        raise NotFound
    offered = agreement_for(therapist, now=now)
    if (version, digest) != (offered.version, offered.digest):
        raise AgreementChanged
    signed = select(AgreementSignature).where(AgreementSignature.therapist_id == person_id, AgreementSignature.version == version)
    if (before := db.session.scalars(signed).one_or_none()) is not None:
        return before
    signature = AgreementSignature(therapist_id=person_id, version=version, digest=digest, signed_at=now)
    db.session.add(signature)
    check = check_of(person_id, AGREEMENT, zone=therapist.zone)
    check.passed, check.checked_at, check.version, check.zone, check.warned_days = True, now, version, therapist.zone, None
    audit.record("therapists.agreement_signed", subject=("therapist", therapist.public_id), actor=person_id, version=version, digest=digest)
    db.session.flush()
    return signature
