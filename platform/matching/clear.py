"""Answers go away: when the person clears them, when they withdraw their consent, and when a guest never came back."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select

from accounts.consent import has_consent, withdraw_consent
from accounts.models import Account
from care.attendance import restate_needs
from care.models import Attendance, Place
from care.passing_over import forget_passing_over
from core import audit
from core.db import db
from desk.forget_facts import forget_asked
from matching.answers import floors_of
from matching.danger import SUBJECT
from matching.intake import PURPOSE, Visitor, find_intake, newest_intake_of, tell_care
from matching.models import Intake
from taxonomy.vocabulary import vocabulary

ABANDONED_AFTER = timedelta(days=14)


def clear_intake(public_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> None:
    """Delete the answers, the shortlists made from them, and what care was told: of a guest everything, of an account what it needs.

    Other answers of the same person stay, with the consent to them and what they tell care. Open safety cases stay with their owners.
    """
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    person_id = intake.person_id
    _forget([intake], now=now)
    audit.record("matching.intake_cleared", subject=("intake", public_id))
    if _is_guest(person_id) and has_consent(person_id, PURPOSE) and newest_intake_of(person_id) is None:
        withdraw_consent(person_id, PURPOSE, now=now)


def forget_when_withdrawn(person_id: int, purpose: str, now: datetime) -> None:
    """Told by accounts, in the transaction of the withdrawal."""
    if purpose == PURPOSE:
        _forget(list(db.session.scalars(select(Intake).where(Intake.person_id == person_id)).all()), now=now)
        forget_passing_over(person_id)


def forget_abandoned(*, now: datetime) -> int:
    """Guests' intakes that nobody came back to for two weeks. How many there were."""
    guests = ~exists().where(Account.person_id == Intake.person_id)
    gone = list(db.session.scalars(select(Intake).where(Intake.last_active_at < now - ABANDONED_AFTER, guests)).all())
    _forget(gone, now=now)
    return len(gone)


def _forget(intakes: list[Intake], *, now: datetime) -> None:
    ids = [intake.id for intake in intakes]
    people = {intake.person_id for intake in intakes}
    guests = {person_id for person_id in people if _is_guest(person_id)}
    for intake in intakes:
        forget_asked((SUBJECT, str(intake.public_id)))
    db.session.execute(delete(Intake).where(Intake.id.in_(ids)))
    db.session.execute(delete(Place).where(Place.person_id.in_(guests)))
    db.session.execute(delete(Attendance).where(Attendance.person_id.in_(guests)))
    restate_needs(dict.fromkeys(people - guests, frozenset()))
    left = [found for person_id in people if (found := newest_intake_of(person_id)) is not None]
    restate_needs({intake.person_id: floors_of(intake.answers or {}, vocabulary=vocabulary()) for intake in left if intake.person_id not in guests})
    for intake in left:
        if intake.person_id in guests:
            tell_care(intake, now=now)


def _is_guest(person_id: int) -> bool:
    return db.session.get(Account, person_id) is None
