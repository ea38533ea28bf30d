"""A verifier writes down what they saw: a required check of somebody else passed or failed, until when, and why. The only place where one comes to hold.

Nobody checks themselves. A record is kept for good; the latest one counts. The agreement is signed by the therapist and cannot be recorded here.
"""

from calendar import monthrange
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Invalid, NotFound
from core.zones import local_date
from desk.cases import claim_case, close_case, open_case_about
from taxonomy.checks import CheckKind
from taxonomy.vocabulary import vocabulary
from therapists.check_models import PracticeCheck, PracticeCheckRecord
from therapists.models import Therapist
from therapists.verification import VERIFICATION, SelfApproval

# A look may be entered this long after it was made, as with registers.
RECORDED_WITHIN = timedelta(days=120)
REASONS: dict[str, tuple[str, ...]] = {
    "passed": ("document_seen", "issuer_confirms", "not_on_any_list"),
    "failed": ("not_readable", "other_person", "does_not_cover", "already_ended", "issuer_denies", "found_on_a_list"),
}


@dataclass(frozen=True)
class CheckSeen:
    """What was seen. `body` is who issued it or which list was read; `reference` a policy's or certificate's number. `valid_until`: a document's last day."""

    kind: str
    result: str
    reason: str
    body: str
    valid_until: date | None = None
    reference: str | None = None
    note: str | None = None
    checked_at: datetime | None = None


def record_seen(therapist_id: UUID, seen: CheckSeen, *, by: int, now: datetime) -> PracticeCheck:
    """Record one look. NotFound for an unknown therapist, Forbidden `self_approval`, Conflict while another verifier owns its case, Invalid by field.

    A failed look closes the doors that need the check at once; one that passes later opens them.
    """
    therapist = db.session.scalars(select(Therapist).where(Therapist.public_id == therapist_id).with_for_update(key_share=True)).one_or_none()
    if therapist is None:
        raise NotFound
    if therapist.person_id == by:
        raise SelfApproval
    checked_at = seen.checked_at or now
    _refuse_incomplete(seen, checked_at, therapist.zone, now)
    check = check_of(therapist.person_id, seen.kind, zone=therapist.zone)
    _settle_case(check, seen.result, by=by, now=now)
    record = PracticeCheckRecord(
        therapist_id=therapist.person_id,
        kind=seen.kind,
        result=seen.result,
        reason=seen.reason,
        checked_by=by,
        checked_at=checked_at,
        recorded_at=now,
        valid_until=seen.valid_until,
        zone=therapist.zone,
    )
    record.body, record.reference, record.note = seen.body, seen.reference, seen.note
    db.session.add(record)
    check.passed, check.checked_at, check.valid_until, check.zone = seen.result == "passed", checked_at, seen.valid_until, therapist.zone
    check.offered_at, check.warned_days = None, None
    audit.record("therapists.check_recorded", subject=("check", check.public_id), actor=by, kind=seen.kind, result=seen.result, reason=seen.reason)
    db.session.flush()
    return check


def check_of(therapist_id: int, kind: str, *, zone: str) -> PracticeCheck:
    """The row of this kind, locked; made empty where there was none. Needs the therapist's row locked."""
    wanted = select(PracticeCheck).where(PracticeCheck.therapist_id == therapist_id, PracticeCheck.kind == kind)
    check = db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if check is None:
        check = PracticeCheck(therapist_id=therapist_id, kind=kind, zone=zone)
        db.session.add(check)
        db.session.flush()
    return check


def subject_of(check: PracticeCheck) -> tuple[str, str]:
    """What a case about this check is about."""
    return ("check", str(check.public_id))


def recordable() -> Collection[str]:
    """The kinds that a verifier records."""
    return [slug for slug, kind in vocabulary().checks.kinds.items() if kind.renewal != "signature"]


def _refuse_incomplete(seen: CheckSeen, checked_at: datetime, zone: str, now: datetime) -> None:
    errors: dict[str, list[str]] = {}
    kind = vocabulary().checks.kinds.get(seen.kind)
    if kind is None or seen.kind not in recordable():
        raise Invalid(errors={"kind": [f"One of: {', '.join(recordable())}."]})
    if seen.result not in REASONS or seen.reason not in REASONS[seen.result]:
        errors["reason"] = [f"One of: {', '.join(REASONS.get(seen.result, ()))}."]
    if not now - RECORDED_WITHIN <= checked_at <= now:
        errors["checked_at"] = [f"Within the last {RECORDED_WITHIN.days} days."]
    elif message := _last_day_complaint(kind, seen, checked_at, zone, now):
        errors["valid_until"] = [message]
    if errors:
        raise Invalid(errors=errors)


def _last_day_complaint(kind: CheckKind, seen: CheckSeen, checked_at: datetime, zone: str, now: datetime) -> str | None:
    if kind.longest_months is None or seen.result == "failed":
        return None if seen.valid_until is None else "This has no last day of its own."
    latest = months_later(local_date(zone, int(checked_at.timestamp())), kind.longest_months)
    if seen.valid_until is None or not local_date(zone, int(now.timestamp())) <= seen.valid_until <= latest:
        return f"Its last day, between today and {latest.isoformat()}: we look anew at least every {kind.longest_months} months."
    return None


def months_later(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last one that month has."""
    year, month = divmod(day.month - 1 + months, 12)
    return date(day.year + year, month + 1, min(day.day, monthrange(day.year + year, month + 1)[1]))


def _settle_case(check: PracticeCheck, result: str, *, by: int, now: datetime) -> None:
    case = open_case_about("verification", subject_of(check))
    if case is not None:
        claim_case(case.public_id, by=by, kinds=VERIFICATION, now=now)
        close_case(case.public_id, outcome=result, by=by, kinds=VERIFICATION, now=now)
