"""What a verifier does: takes a claimed credential from the queue, looks it up in the official register, records what it says, and decides.

The only place where a credential becomes active, or anything else that a register can say. Nobody decides about themselves. Each record is kept for good.
"""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core import audit
from core.db import db
from core.errors import Forbidden, NotFound
from desk.cases import claim_case, close_case, open_case_about, release_case
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import AWAITS_SECOND, require_checkable
from therapists.credential_steps import step
from therapists.decision_letter import tell_decision
from therapists.models import Credential, VerificationRecord
from therapists.name_likeness import is_same_name, likeness
from therapists.register_check import RegisterCheck, expanded, refuse_incomplete
from therapists.standing import BARRING_STATES, RECHECK_EVERY
from therapists.stop_at_once import follow_register

VERIFICATION = frozenset({"verification"})
# What goes from the form into the record as it is.
AS_WRITTEN = (
    "register_address",
    "number",
    "status_text",
    "name_found",
    "expires_on",
    "restricted",
    "supervised",
    "decision",
    "reason",
    "note",
    "claim_digest",
    "scope",
)
# What two verifiers must have read alike.
READ_ALIKE = ("claim_digest", "expires_on", "jurisdictions", "restricted", "supervised")


class SelfApproval(Forbidden):
    code, detail = "self_approval", "Nobody verifies their own credential."


class SecondPairOfEyes(Forbidden):
    code, detail = "second_pair_of_eyes", "You have approved this already. Somebody else has to look as well."


def credential_to_verify(public_id: UUID) -> Credential:
    """One submitted or checked credential with its records; NotFound for one that its owner has not submitted."""
    return _found(public_id, lock=False)


def begin_review(public_id: UUID, *, by: int, now: datetime) -> Credential:
    """Take the credential on: its case is the verifier's from now on. One that was verified before keeps its state while it is looked at again."""
    credential = _found(public_id, lock=True)
    _refuse_self(credential, by)
    _refuse_same_eyes(credential, by)
    require_checkable(credential.state)
    if credential.state == "submitted":
        step(credential, "in_review", by="desk", reason="review_began", actor=by)
    _claim_case_of(credential, by, now)
    db.session.flush()
    return credential


def release_review(public_id: UUID, *, by: int, now: datetime) -> Credential:
    """Give it back to the queue; the clock of its case runs on. One that awaits a second look keeps awaiting it."""
    credential = _found(public_id, lock=True)
    case = open_case_about("verification", _subject(credential))
    if case is None:
        raise NotFound
    release_case(case.public_id, by=by, kinds=VERIFICATION, now=now)
    if credential.state == "in_review" and credential.first_checked_by is None:
        step(credential, "submitted", by="desk", reason="released", actor=by)
    db.session.flush()
    return credential


def record_check(public_id: UUID, check: RegisterCheck, *, by: int, now: datetime) -> VerificationRecord:
    """Write down one look at the register and let it decide the credential's state.

    A therapist's first credential, and one whose name on the register differs, becomes active only when a second verifier reads the same; until then it
    stays in review. Forbidden `self_approval` and `second_pair_of_eyes`; Conflict when another verifier owns the case, the state allows no check, or the
    claim is not the one that was read; Invalid when an active entry lacks what a badge stands on.
    """
    credential = _found(public_id, lock=True)
    _refuse_self(credential, by)
    require_checkable(credential.state)
    refuse_incomplete(credential, check, jurisdictions := expanded(check.jurisdictions), now)
    if check.decision == "active":
        _refuse_same_eyes(credential, by)
    _claim_case_of(credential, by, now)
    record = _record(credential, check, jurisdictions, by=by, now=now)
    record.took_effect = check.decision != "active" or not needs_second(credential, record)
    credential.records.append(record)
    before = credential.state
    if record.took_effect:
        _take_over(credential, record, by)
        _close_case_of(credential, by, check.decision, now)
        db.session.flush()
        follow_register(credential.therapist_id, by=by, now=now)
    else:
        step(credential, "in_review", by="check", reason=AWAITS_SECOND, actor=by)
        credential.first_checked_by = by
        _hand_on_case_of(credential, by, now)
    db.session.flush()
    if record.took_effect:
        tell_decision(credential, record, before=before, now=now)
    return record


def needs_second(credential: Credential, record: VerificationRecord) -> bool:
    """Whether this approval waits for another verifier: a first credential or another name, unless it says what a first verifier's record says."""
    if is_same_name(credential.name_on_register, record.name_found) and _was_ever_verified(credential.therapist_id):
        return False
    first = credential.records[-1] if credential.records else None
    if first is None or credential.first_checked_by is None or first.took_effect:
        return True
    return first.checked_by == record.checked_by or not all(getattr(first, name) == getattr(record, name) for name in READ_ALIKE)


def _was_ever_verified(therapist_id: int) -> bool:
    """An identifier says who somebody is, and a course what they have heard: neither is a first credential."""
    practising = [slug for slug, register in vocabulary().registers.items() if register.accepted_for_practice]
    of_theirs = select(VerificationRecord.id).join(Credential, Credential.id == VerificationRecord.credential_id)
    of_theirs = of_theirs.where(Credential.register.in_(practising))
    active = VerificationRecord.took_effect & (VerificationRecord.decision == "active")
    return db.session.scalar(of_theirs.where(Credential.therapist_id == therapist_id, active).limit(1)) is not None


def _record(credential: Credential, check: RegisterCheck, jurisdictions: list[str], *, by: int, now: datetime) -> VerificationRecord:
    checked_at = check.checked_at or now
    return VerificationRecord(
        credential_id=credential.id,
        checked_by=by,
        checked_at=checked_at,
        jurisdictions=jurisdictions,
        name_likeness=likeness(credential.name_on_register, check.name_found),
        next_check_at=checked_at + RECHECK_EVERY,
        **{name: getattr(check, name) for name in AS_WRITTEN},
    )


def _take_over(credential: Credential, record: VerificationRecord, by: int) -> None:
    step(credential, record.decision, by="check", reason=record.reason, actor=by)
    credential.checked_at, credential.first_checked_by, credential.warned_days = record.checked_at, None, None
    # What a register says against somebody holds until a register says otherwise, whatever becomes of the claim meanwhile.
    credential.restricted = record.restricted or record.decision in BARRING_STATES
    if record.decision == "active":
        credential.jurisdictions, credential.expires_on = record.jurisdictions, record.expires_on
        credential.supervised = record.supervised
        if record.scope == "full":
            credential.decided_at = record.checked_at
        if not record.restricted:
            _clear_earlier_claims(credential, by)


def _clear_earlier_claims(credential: Credential, by: int) -> None:
    """The same entry of the register under a claim that was taken back: what it said against the holder has just been read to be over."""
    wanted = select(Credential).where(
        Credential.therapist_id == credential.therapist_id,
        Credential.register == credential.register,
        Credential.number == credential.number,
        Credential.id != credential.id,
        Credential.restricted,
    )
    for earlier in db.session.scalars(wanted.with_for_update()):
        earlier.restricted = False
        audit.record("therapists.restriction_over", subject=("credential", earlier.public_id), actor=by, reason="register_confirms")


def _found(public_id: UUID, *, lock: bool) -> Credential:
    wanted = select(Credential).where(Credential.public_id == public_id, Credential.submitted_at.is_not(None))
    wanted = wanted.options(selectinload(Credential.records), joinedload(Credential.therapist))
    if lock:
        wanted = wanted.with_for_update(of=Credential)
    credential = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if credential is None:
        raise NotFound
    return credential


def _refuse_self(credential: Credential, by: int) -> None:
    if credential.therapist_id == by:
        raise SelfApproval


def _refuse_same_eyes(credential: Credential, by: int) -> None:
    if credential.first_checked_by == by:
        raise SecondPairOfEyes


def _subject(credential: Credential) -> tuple[str, str]:
    return ("credential", str(credential.public_id))


def _claim_case_of(credential: Credential, by: int, now: datetime) -> None:
    case = open_case_about("verification", _subject(credential))
    if case is not None:
        claim_case(case.public_id, by=by, kinds=VERIFICATION, now=now)


def _close_case_of(credential: Credential, by: int, decision: str, now: datetime) -> None:
    case = open_case_about("verification", _subject(credential))
    if case is not None:
        close_case(case.public_id, outcome=decision, by=by, kinds=VERIFICATION, now=now)


def _hand_on_case_of(credential: Credential, by: int, now: datetime) -> None:
    """The first verifier is done; somebody else has to claim the case."""
    case = open_case_about("verification", _subject(credential))
    if case is not None:
        release_case(case.public_id, by=by, kinds=VERIFICATION, now=now)
