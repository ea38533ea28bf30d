"""Fit checks as their client reads them, and as a therapist reads those that were shared with them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload

from accounts.models import Person
from booking.reading import Named
from core.db import db
from core.errors import NotFound
from core.http import cursor_of, key_of
from progress.fit_check.models import FitCheck
from progress.fit_check.questions import OFFERS, QUESTIONS, offers, telling


@dataclass(frozen=True, slots=True)
class CheckShown:
    """`telling`: which answers are low or fell, in the client's own view alone; `offers` follow from them. `client` is for the therapist alone."""

    public_id: uuid.UUID
    booking_id: uuid.UUID
    therapist: Named
    session_number: int
    session_at: datetime
    answered_at: datetime
    answers: dict[str, int]
    words: str | None
    shared_at: datetime | None
    telling: Sequence[str] = ()
    offers: Sequence[dict[str, str]] = ()
    client: Named | None = None


@dataclass(frozen=True, slots=True)
class ChecksShown:
    items: Sequence[CheckShown]
    next: str | None


def show_check(check_id: uuid.UUID, *, client_id: int) -> CheckShown:
    """NotFound for anybody else's."""
    check = db.session.scalars(_wanted().where(FitCheck.public_id == check_id, FitCheck.client_id == client_id)).one_or_none()
    if check is None:
        raise NotFound
    return _own(check)


def checks_of(client_id: int, *, limit: int, cursor: str | None = None) -> ChecksShown:
    """Everything this client answered, the newest first."""
    found, following = _page(_wanted().where(FitCheck.client_id == client_id), limit, cursor)
    return ChecksShown([_own(check) for check in found], following)


def checks_shared_with(therapist_id: int, *, limit: int, cursor: str | None = None) -> ChecksShown:
    """What clients let this therapist read, the latest answers first. Whether an answer is low is for them to see, and for nobody to be told."""
    shared = _wanted().where(FitCheck.therapist_id == therapist_id, FitCheck.shared_at.is_not(None))
    found, following = _page(shared, limit, cursor)
    people = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_([check.client_id for check in found])))}
    return ChecksShown([_plain(check, client=Named(people[check.client_id].public_id, people[check.client_id].name)) for check in found], following)


def _own(check: FitCheck) -> CheckShown:
    answers, before = _answers(check), _before(check)
    found = offers(answers, before)
    return _plain(check, telling=telling(answers, before), offers=[{"code": code, "text": OFFERS[code]} for code in found])


def _plain(check: FitCheck, **more: Any) -> CheckShown:
    return CheckShown(
        public_id=check.public_id,
        booking_id=check.booking.public_id,
        therapist=Named(check.therapist.public_id, check.therapist.display_name),
        session_number=check.session_number,
        session_at=check.booking.starts_at,
        answered_at=check.answered_at,
        answers=_answers(check),
        words=(check.said or {}).get("words"),
        shared_at=check.shared_at,
        **more,
    )


def _answers(check: FitCheck) -> dict[str, int]:
    return {name: (check.said or {})[name] for name in QUESTIONS}


def _before(check: FitCheck) -> dict[str, int] | None:
    """What the same client answered the last time about the same therapist."""
    earlier = select(FitCheck).where(
        FitCheck.client_id == check.client_id, FitCheck.therapist_id == check.therapist_id, FitCheck.answered_at < check.answered_at
    )
    found = db.session.scalars(earlier.order_by(FitCheck.answered_at.desc(), FitCheck.id.desc()).limit(1)).one_or_none()
    return None if found is None else _answers(found)


def _wanted() -> Select[FitCheck]:
    return select(FitCheck).options(joinedload(FitCheck.booking), joinedload(FitCheck.therapist)).execution_options(populate_existing=True)


def _page(wanted: Select[FitCheck], limit: int, cursor: str | None) -> tuple[Sequence[FitCheck], str | None]:
    if cursor is not None:
        wanted = wanted.where(FitCheck.id < key_of(cursor, int)[0])
    found = db.session.scalars(wanted.order_by(FitCheck.id.desc()).limit(limit + 1)).all()
    return found[:limit], cursor_of(found[limit - 1].id) if len(found) > limit else None
