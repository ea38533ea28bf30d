"""The required checks, passed: as facts for pure rules, and as rows for a therapist. Call `pass_checks` inside `transaction()`."""

import uuid
from collections.abc import Collection
from datetime import date, datetime

from sqlalchemy import select

from core.clock import now
from core.db import db
from therapists.agreement import agreements
from therapists.check_models import AgreementSignature, PracticeCheck
from therapists.models import Therapist
from therapists.standing import CheckFacts

LAST_DAY = date(2035, 1, 1)
OF_EVERYBODY = ("identity", "insurance", "sanctions", "agreement")
OF_ADULTS = (*OF_EVERYBODY, "supervision")
ALL = (*OF_ADULTS, "child_protection")
UNDATED = frozenset({"sanctions", "agreement"})


def check_facts(at: datetime, kinds: Collection[str] = OF_ADULTS, *, until: date = LAST_DAY, zone: str = "Europe/London") -> tuple[CheckFacts, ...]:
    """What a therapist has when everything was seen at `at`."""
    return tuple(
        CheckFacts(kind, passed=True, checked_at=at, valid_until=None if kind in UNDATED else until, zone=zone, version=signed(kind)) for kind in kinds
    )


def signed(kind: str) -> str | None:
    return agreements()[-1].version if kind == "agreement" else None


def pass_checks(therapist: Therapist, kinds: Collection[str] = OF_ADULTS, *, until: date = LAST_DAY, at: datetime | None = None) -> None:
    """The rows as they stand after a look at each; their records are made by the act that tests of records call."""
    at = at or now()
    for kind in kinds:
        last_day = None if kind in UNDATED else until
        row = PracticeCheck(therapist_id=therapist.person_id, kind=kind, passed=True, checked_at=at, valid_until=last_day, zone=therapist.zone)
        row.version = signed(kind)
        db.session.add(row)
    if "agreement" in kinds:
        words = agreements()[-1]
        signature = {"version": words.version, "digest": words.digest, "signed_at": at}
        db.session.add(AgreementSignature(public_id=uuid.uuid4(), therapist_id=therapist.person_id, **signature))
    db.session.flush()


def look_again_at_checks(therapist: Therapist, *, at: datetime | None = None) -> None:
    """The lists are screened again today."""
    for row in db.session.scalars(select(PracticeCheck).where(PracticeCheck.therapist_id == therapist.person_id, PracticeCheck.passed.is_(True))):
        row.checked_at = at or now()
    db.session.flush()
