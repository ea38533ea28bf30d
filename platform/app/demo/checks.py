"""The required checks of an invented therapist, as they would stand today: seen, recorded, and the agreement signed."""

from datetime import datetime, timedelta

from core.db import db
from core.zones import local_date
from taxonomy.checks import CheckKind
from taxonomy.vocabulary import vocabulary
from therapists.check_models import AgreementSignature, PracticeCheck, PracticeCheckRecord
from therapists.models import Therapist
from therapists.sign_agreement import agreement_for

LASTS = timedelta(days=300)


def add_checks(therapist: Therapist, *, by: int, works_with_minors: bool, now: datetime) -> None:
    """Every kind; the one for work with minors only where the cast says so."""
    checks = vocabulary().checks
    for kind in (*checks.of_demand("always"), *checks.of_demand("supervision"), *(checks.of_demand("minors") if works_with_minors else ())):
        if kind.renewal == "signature":
            _sign(therapist, kind, now)
        else:
            _pass(therapist, kind, by, now)


def _pass(therapist: Therapist, kind: CheckKind, by: int, now: datetime) -> None:
    last_day = local_date(therapist.zone, int((now + LASTS).timestamp())) if kind.renewal == "document" else None
    held = {"therapist_id": therapist.person_id, "kind": kind.slug, "checked_at": now, "valid_until": last_day, "zone": therapist.zone}
    record = PracticeCheckRecord(result="passed", reason="document_seen" if last_day else "not_on_any_list", checked_by=by, recorded_at=now, **held)
    record.body, record.note = "Invented for demonstration", "This person does not exist."
    db.session.add_all([PracticeCheck(passed=True, **held), record])


def _sign(therapist: Therapist, kind: CheckKind, now: datetime) -> None:
    words = agreement_for(therapist, now=now)
    held = {"therapist_id": therapist.person_id, "version": words.version}
    db.session.add(PracticeCheck(kind=kind.slug, passed=True, checked_at=now, zone=therapist.zone, **held))
    db.session.add(AgreementSignature(digest=words.digest, signed_at=now, **held))
