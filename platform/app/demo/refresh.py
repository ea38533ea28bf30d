"""An installation for development is started again and again, and the invented looks at registers age like real ones: after some weeks nobody would be shown.

So they are made again, as of the day of the start, by the invented verifiers and with a record that says that it is invented. Whatever somebody has
recorded, decided or withdrawn themselves stays as it is.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.models import Account
from app.demo.checks import repeat_checks
from app.demo.credentials import FICTIONAL, add_record, claims_of, looked
from app.demo.load import cast, days_since_written, email_of, staff_email
from core.db import db
from desk.cases import dismiss_cases_about
from therapists.accepting import HOLDS_FOR, answered
from therapists.credential_states import LIVE
from therapists.credential_steps import step
from therapists.models import Credential, Therapist

# Only the calendar made these of an entry that the cast calls active.
BY_THE_CLOCK = (*LIVE, "expired")


def repeat_looks(*, now: datetime) -> None:
    """Every look of the cast as it would stand had it been loaded today; nothing where the cast was never loaded."""
    verifier = db.session.scalar(select(Account.person_id).where(Account.email == staff_email("verifier")))
    if verifier is None:
        return
    for row in cast()["therapists"]:
        wanted = select(Therapist).join(Account, Account.person_id == Therapist.person_id).where(Account.email == email_of(row))
        wanted = wanted.options(selectinload(Therapist.credentials).selectinload(Credential.records), selectinload(Therapist.checks))
        therapist = db.session.scalars(wanted.with_for_update(of=Therapist)).one_or_none()
        if therapist is not None:
            _repeat(therapist, row, by=verifier, now=now)
    db.session.flush()


def _repeat(therapist: Therapist, row: dict[str, Any], *, by: int, now: datetime) -> None:
    for claimed in claims_of(row):
        for credential in therapist.credentials:
            if credential.register == claimed["register"] and _is_as_loaded(credential, claimed):
                _look_again(credential, claimed, by=by, now=now)
    repeat_checks(therapist, by=by, now=now)
    if row["accepting"] and (therapist.accepting or now - therapist.accepting_said_at > HOLDS_FOR):
        therapist.accepting = True
        answered(therapist, now=now)


def _is_as_loaded(credential: Credential, claimed: dict[str, Any]) -> bool:
    """Nobody but the cast has said anything about it."""
    state = credential.state in BY_THE_CLOCK if claimed["state"] in LIVE else credential.state == claimed["state"]
    return state and bool(credential.records) and all(record.note == FICTIONAL for record in credential.records)


def _look_again(credential: Credential, claimed: dict[str, Any], *, by: int, now: datetime) -> None:
    seen = looked(claimed, days_since_written(now), now=now)
    if seen.checked_at is None or (credential.checked_at is not None and seen.checked_at <= credential.checked_at):
        return
    if credential.state != claimed["state"]:
        step(credential, claimed["state"], by="check", reason="register_confirms", actor=by)
    credential.warned_days = None
    credential.checked_at = credential.decided_at = seen.checked_at
    credential.expires_on = seen.expires_on
    add_record(credential, seen.checked_at, by=by, took_effect=True)
    dismiss_cases_about("verification", ("credential", str(credential.public_id)), outcome="not_needed", by=None, now=now)
