"""The acts on a fit check: answer it, let the therapist read it, end that, ask a person of ours for help, take the answer away."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from accounts.consent import require_consent
from booking.models import Booking, has_public_id
from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from desk.cases import open_case, open_case_about
from desk.forget_facts import ASKED
from progress.fit_check.due import due_checks
from progress.fit_check.models import FitCheck
from progress.fit_check.questions import QUESTIONS

PURPOSE = "progress"
SUBJECT = "fit_check"
HELP_DUE_IN = timedelta(days=1)


class NotAsked(Conflict):
    code, detail = "not_asked", "There is nothing to answer about this appointment, or not any more."


def answer_check(client_id: int, booking_id: uuid.UUID, answers: Mapping[str, int], *, words: str | None, now: datetime) -> FitCheck:
    """Keep the answers, sealed. ConsentRequired; NotFound for somebody else's appointment; NotAsked unless the check is due now (`due_checks`)."""
    require_consent(client_id, PURPOSE)
    if db.session.execute(select(Booking.id).where(has_public_id(booking_id, person_id=client_id))).first() is None:
        raise NotFound
    asked = next((due for due in due_checks(client_id, now=now) if due.booking.public_id == booking_id), None)
    if asked is None:
        raise NotAsked
    booking = asked.booking
    check = FitCheck(public_id=uuid.uuid4(), client_id=client_id, therapist_id=booking.therapist_id, booking_id=booking.id)
    check.session_number, check.answered_at = asked.session_number, now
    check.said = {name: answers[name] for name in QUESTIONS} | ({"words": words} if words else {})
    db.session.add(check)
    db.session.flush()
    audit.record("progress.fit_check_answered", subject=(SUBJECT, check.public_id))
    return check


def share_check(check_id: uuid.UUID, *, by: int, now: datetime) -> FitCheck:
    """Let the therapist of the session read it. Repeating it changes nothing. NotFound for anybody else's."""
    check = own_check(check_id, by=by)
    if check.shared_at is None:
        check.shared_at = now
        _noted(check, "shared")
    return check


def stop_sharing(check_id: uuid.UUID, *, by: int) -> FitCheck:
    """From now on the therapist sees it no more; what they have read cannot be unread. NotFound for anybody else's."""
    check = own_check(check_id, by=by)
    if check.shared_at is not None:
        check.shared_at = None
        _noted(check, "kept_back")
    return check


def delete_check(check_id: uuid.UUID, *, by: int) -> None:
    """Away with it, for everybody. NotFound for anybody else's."""
    check = own_check(check_id, by=by)
    _noted(check, "deleted")
    db.session.delete(check)
    db.session.flush()


def ask_for_help(check_id: uuid.UUID, wish: Mapping[str, Any], *, by: int, now: datetime) -> None:
    """A case for somebody at the desk; asking again adds to the one that is open. The answers themselves are not in it.

    `wish`: what they want to say and how to reach them, sealed with the case.
    """
    check = own_check(check_id, by=by)
    subject = (SUBJECT, str(check.public_id))
    case = open_case_about("matchmaking", subject)
    if case is None:
        open_case("matchmaking", subject=subject, now=now, due_in=HELP_DUE_IN, person_id=by, facts={ASKED: dict(wish)})
    else:
        case.facts = {**(case.facts or {}), ASKED: dict(wish)}
    _noted(check, "help_asked")


def own_check(check_id: uuid.UUID, *, by: int) -> FitCheck:
    """Locked until the transaction ends."""
    wanted = select(FitCheck).where(FitCheck.public_id == check_id, FitCheck.client_id == by).with_for_update()
    check = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if check is None:
        raise NotFound
    return check


def _noted(check: FitCheck, what: str) -> None:
    db.session.flush()
    audit.record(f"progress.fit_check_{what}", subject=(SUBJECT, check.public_id))
