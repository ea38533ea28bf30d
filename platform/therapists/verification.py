"""What a verifier does: takes a claimed credential from the queue, looks it up in the official register, records what it says, and decides.

The only place where a credential becomes active, or anything else that a register can say. Nobody decides about themselves. Each record is kept for good.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload, selectinload

from core import audit
from core.db import db
from core.errors import Forbidden, Invalid, NotFound
from core.http import cursor_of
from core.zones import local_date
from desk.cases import claim_case, close_case, open_case_about
from desk.listing import position_in
from taxonomy.registers import normal_number
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import DECISIONS, IN_QUEUE, REASONS, require_checkable, require_move
from therapists.facts import zone_of
from therapists.models import Credential, VerificationRecord
from therapists.standing import COUNTRY_WIDE

# A first check may be entered this long after it was made (freshness of an initial verification).
RECORDED_WITHIN = timedelta(days=120)
VERIFICATION = frozenset({"verification"})


class SelfApproval(Forbidden):
    code, detail = "self_approval", "Nobody verifies their own credential."


@dataclass(frozen=True)
class RegisterCheck:
    """What the verifier read in the register, and the decision. `expires_on` is the last day, `status_text` as the register words it."""

    register_address: str
    number: str
    status_text: str
    name_found: str
    decision: str
    reason: str
    expires_on: date | None = None
    jurisdictions: tuple[str, ...] = ()
    restricted: bool = False
    supervised: bool = False
    note: str = ""
    checked_at: datetime | None = None


@dataclass(frozen=True)
class QueuePage:
    items: Sequence[Credential]
    next: str | None


def queue(*, by: int, limit: int, cursor: str | None = None) -> QueuePage:
    """Credentials that wait for a check, the longest waiting first; the reader's own are not shown."""
    wanted = select(Credential).where(Credential.state.in_(IN_QUEUE), Credential.therapist_id != by)
    wanted = wanted.order_by(Credential.submitted_at, Credential.public_id).limit(limit + 1).options(joinedload(Credential.therapist))
    if cursor is not None:
        wanted = wanted.where(tuple_(Credential.submitted_at, Credential.public_id) > tuple_(*position_in(cursor)))
    found = db.session.scalars(wanted).all()
    last = found[limit - 1] if len(found) > limit else None
    assert last is None or last.submitted_at is not None, "what is in the queue was submitted"
    return QueuePage(found[:limit], cursor_of(last.submitted_at.isoformat(), str(last.public_id)) if last and last.submitted_at else None)


def credential_to_verify(public_id: UUID) -> Credential:
    """One submitted or checked credential with its records; NotFound for one that its owner has not submitted."""
    return _found(public_id, lock=False)


def begin_review(public_id: UUID, *, by: int, now: datetime) -> Credential:
    """Take the credential out of the queue: its case is the verifier's from now on."""
    credential = _found(public_id, lock=True)
    _refuse_self(credential, by)
    if credential.state != "in_review":
        require_move(credential.state, "in_review")
        credential.state = "in_review"
        audit.record("therapists.review_began", subject=("credential", public_id), actor=by)
    _claim_case_of(credential, by, now)
    db.session.flush()
    return credential


def record_check(public_id: UUID, check: RegisterCheck, *, by: int, now: datetime) -> VerificationRecord:
    """Write down one look at the register and let it decide the credential's state.

    Forbidden `self_approval`; Conflict when another verifier owns the case or the state allows no check; Invalid when an active entry lacks what a badge
    stands on: same number, an expiry that lies ahead, jurisdictions that the register speaks for.
    """
    credential = _found(public_id, lock=True)
    _refuse_self(credential, by)
    require_checkable(credential.state)
    _claim_case_of(credential, by, now)
    jurisdictions = _expanded(check.jurisdictions)
    _refuse_incomplete(credential, check, jurisdictions, now)
    record = VerificationRecord(
        credential_id=credential.id,
        checked_by=by,
        checked_at=check.checked_at or now,
        register_address=check.register_address,
        number=check.number,
        status_text=check.status_text,
        name_found=check.name_found,
        expires_on=check.expires_on,
        jurisdictions=jurisdictions,
        restricted=check.restricted,
        supervised=check.supervised,
        decision=check.decision,
        reason=check.reason,
        note=check.note,
    )
    credential.records.append(record)
    before = credential.state
    _take_over(credential, record)
    db.session.flush()
    audit.record("therapists.verified", subject=("credential", public_id), actor=by, reason=check.reason, before=before, after=check.decision)
    _close_case_of(credential, by, check.decision, now)
    return record


def _take_over(credential: Credential, record: VerificationRecord) -> None:
    credential.state, credential.state_reason = record.decision, record.reason
    credential.checked_at, credential.restricted = record.checked_at, record.restricted
    if record.decision == "active":
        credential.jurisdictions, credential.expires_on = record.jurisdictions, record.expires_on
        credential.supervised = record.supervised


def _refuse_incomplete(credential: Credential, check: RegisterCheck, jurisdictions: list[str], now: datetime) -> None:
    register = vocabulary().registers[credential.register]
    errors: dict[str, list[str]] = {}
    if check.decision not in DECISIONS or check.reason not in REASONS[check.decision]:
        errors["reason"] = [f"One of: {', '.join(REASONS.get(check.decision, ()))}."]
    if check.checked_at is not None and not now - RECORDED_WITHIN <= check.checked_at <= now:
        errors["checked_at"] = [f"Within the last {RECORDED_WITHIN.days} days."]
    if any(code not in register.jurisdictions for code in jurisdictions):
        errors["jurisdictions"] = ["This register does not speak for all of these."]
    if check.decision == "active":
        errors |= _missing_for_active(credential, check, jurisdictions, now)
    if errors:
        raise Invalid(errors=errors)


def _missing_for_active(credential: Credential, check: RegisterCheck, jurisdictions: list[str], now: datetime) -> dict[str, list[str]]:
    register = vocabulary().registers[credential.register]
    errors: dict[str, list[str]] = {}
    if normal_number(check.number) != normal_number(credential.number):
        errors["number"] = ["Differs from the number that was claimed."]
    if check.expires_on is None or check.expires_on <= local_date(zone_of(credential), int(now.timestamp())):
        errors["expires_on"] = ["An active entry needs an expiry that lies ahead."]
    if register.accepted_for_practice and not jurisdictions:
        errors["jurisdictions"] = ["Say where the entry allows to practise."]
    chosen = register.credential_type(credential.credential_type)
    if chosen is not None and chosen.practice == "supervised" and not check.supervised:
        errors["supervised"] = ["Holders of this title practise under supervision."]
    return errors


def _expanded(codes: Sequence[str]) -> list[str]:
    """A country that registers cover whole stands for its parts."""
    return list(dict.fromkeys(each for code in codes for each in sorted(COUNTRY_WIDE.get(code, {code}))))


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
