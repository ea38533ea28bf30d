"""The required checks of an invented therapist, as they would stand today: seen, recorded, and the agreement signed."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from core.db import db
from core.zones import local_date
from desk.cases import dismiss_cases_about
from taxonomy.checks import CheckKind
from taxonomy.vocabulary import vocabulary
from therapists.check_models import AgreementSignature, PracticeCheck, PracticeCheckRecord
from therapists.check_records import subject_of
from therapists.models import Therapist
from therapists.sign_agreement import agreement_for

LASTS = timedelta(days=300)
NOTE = "This person does not exist."


def add_checks(therapist: Therapist, *, by: int, works_with_minors: bool, now: datetime) -> None:
    """Every kind; the one for work with minors only where the cast says so."""
    checks = vocabulary().checks
    for kind in (*checks.of_demand("always"), *checks.of_demand("supervision"), *(checks.of_demand("minors") if works_with_minors else ())):
        if kind.renewal == "signature":
            _sign(therapist, kind, now)
        else:
            _pass(therapist, kind, by, now)


def _pass(therapist: Therapist, kind: CheckKind, by: int, now: datetime) -> None:
    held = _held(therapist, kind, now)
    db.session.add_all([PracticeCheck(passed=True, **held), _record(held, by, now)])


def repeat_checks(therapist: Therapist, *, by: int, now: datetime) -> None:
    """What was written here is looked at anew; a check of which somebody has recorded something is left alone. Needs the checks loaded."""
    for check in therapist.checks:
        kind = vocabulary().checks.kinds.get(check.kind)
        records = db.session.scalars(
            select(PracticeCheckRecord).where(PracticeCheckRecord.therapist_id == check.therapist_id, PracticeCheckRecord.kind == check.kind)
        )
        if kind is None or kind.renewal == "signature" or any(record.note != NOTE for record in records):
            continue
        held = _held(therapist, kind, now)
        check.passed, check.checked_at, check.valid_until, check.warned_days = True, now, held["valid_until"], None
        db.session.add(_record(held, by, now))
        dismiss_cases_about("verification", subject_of(check), outcome="not_needed", by=None, now=now)


def _held(therapist: Therapist, kind: CheckKind, now: datetime) -> dict[str, Any]:
    last_day = local_date(therapist.zone, int((now + LASTS).timestamp())) if kind.renewal == "document" else None
    return {"therapist_id": therapist.person_id, "kind": kind.slug, "checked_at": now, "valid_until": last_day, "zone": therapist.zone}


def _record(held: dict[str, Any], by: int, now: datetime) -> PracticeCheckRecord:
    record = PracticeCheckRecord(result="passed", reason="document_seen" if held["valid_until"] else "not_on_any_list", checked_by=by, recorded_at=now, **held)
    record.body, record.note = "Invented for demonstration", NOTE
    return record


def _sign(therapist: Therapist, kind: CheckKind, now: datetime) -> None:
    words = agreement_for(therapist, now=now)
    held = {"therapist_id": therapist.person_id, "version": words.version}
    db.session.add(PracticeCheck(kind=kind.slug, passed=True, checked_at=now, zone=therapist.zone, **held))
    db.session.add(AgreementSignature(digest=words.digest, signed_at=now, **held))
