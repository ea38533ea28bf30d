"""Announced fees, as their therapist and the clients who were asked see them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from booking.fee_changes.concerned import dates_concerned
from booking.fee_changes.models import FeeChange, FeeChangeAnswer
from core.db import db
from core.errors import NotFound
from core.money import Money
from therapists.models import Service, Therapist


@dataclass(frozen=True, slots=True)
class ChangeShown:
    """For its therapist: how many were asked, and what they said. `new_fee` None: that lower fee ends."""

    public_id: uuid.UUID
    service_id: uuid.UUID
    concession: str | None
    old_fee: Money
    new_fee: Money | None
    announced_at: datetime
    takes_effect_at: datetime
    answer_by: datetime
    applied_at: datetime | None
    withdrawn_at: datetime | None
    asked: int
    accepted: int
    declined: int
    lapsed: int


@dataclass(frozen=True, slots=True)
class QuestionShown:
    """For a client: what their dates would cost, until when to answer, and what they said."""

    public_id: uuid.UUID
    therapist_name: str
    old_fee: Money
    new_fee: Money
    takes_effect_at: datetime
    answer_by: datetime
    answer: str | None
    is_open: bool
    dates: Sequence[datetime]


def changes_of(therapist_id: int) -> Sequence[ChangeShown]:
    """The latest first."""
    wanted = select(FeeChange, Service.public_id).join(Service, Service.id == FeeChange.service_id).where(FeeChange.therapist_id == therapist_id)
    return [_change(change, service_id) for change, service_id in db.session.execute(wanted.order_by(FeeChange.id.desc()))]


def show_change(public_id: uuid.UUID, *, therapist_id: int) -> ChangeShown:
    """NotFound for anybody else's."""
    found = next((each for each in changes_of(therapist_id) if each.public_id == public_id), None)
    if found is None:
        raise NotFound
    return found


def questions_of(client_id: int, *, now: datetime) -> Sequence[QuestionShown]:
    """Everything that this client was asked, the latest first."""
    wanted = (
        select(FeeChange, FeeChangeAnswer, Therapist.display_name)
        .join(FeeChangeAnswer, FeeChangeAnswer.fee_change_id == FeeChange.id)
        .join(Therapist, Therapist.person_id == FeeChange.therapist_id)
        .where(FeeChangeAnswer.client_id == client_id, FeeChange.withdrawn_at.is_(None))
    )
    return [_question(*row, now=now) for row in db.session.execute(wanted.order_by(FeeChange.id.desc()))]


def show_question(public_id: uuid.UUID, *, client_id: int, now: datetime) -> QuestionShown:
    """NotFound unless they were asked."""
    found = next((each for each in questions_of(client_id, now=now) if each.public_id == public_id), None)
    if found is None:
        raise NotFound
    return found


def _change(change: FeeChange, service_id: uuid.UUID) -> ChangeShown:
    counted = select(FeeChangeAnswer.answer, func.count()).where(FeeChangeAnswer.fee_change_id == change.id).group_by(FeeChangeAnswer.answer)
    answers = {row[0]: int(row[1]) for row in db.session.execute(counted)}
    return ChangeShown(
        public_id=change.public_id,
        service_id=service_id,
        concession=change.concession,
        old_fee=change.old_fee,
        new_fee=Money(change.new_amount, change.currency) if change.new_amount is not None else None,
        announced_at=change.announced_at,
        takes_effect_at=change.takes_effect_at,
        answer_by=change.answer_by,
        applied_at=change.applied_at,
        withdrawn_at=change.withdrawn_at,
        asked=sum(answers.values()),
        accepted=answers.get("accepted", 0),
        declined=answers.get("declined", 0),
        lapsed=answers.get("lapsed", 0),
    )


def _question(change: FeeChange, asked: FeeChangeAnswer, name: str, *, now: datetime) -> QuestionShown:
    is_open = asked.answer is None and now < change.answer_by
    return QuestionShown(
        public_id=change.public_id,
        therapist_name=name,
        old_fee=change.old_fee,
        new_fee=Money(asked.new_amount, change.currency),
        takes_effect_at=change.takes_effect_at,
        answer_by=change.answer_by,
        answer=asked.answer,
        is_open=is_open,
        dates=[booking.starts_at for booking in dates_concerned(change, asked.client_id)] if is_open else [],
    )
