"""Whom a client does not want to see in lists: said, read and taken back by the client alone. It refuses nothing, and the therapist never learns of it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, or_, select

from care.conflicts import hidden_from, in_force, record_conflict, take_back_rejection
from care.models import HIDING, CareRelation, Conflict
from core import audit
from core.db import db, lock_persons
from core.errors import NotFound
from therapists.models import Therapist

REJECTED = "rejected_by_client"


@dataclass(frozen=True)
class PassedOver:
    therapist_id: uuid.UUID
    therapist_name: str
    since: datetime


def pass_over(therapist_public_id: uuid.UUID, client_id: int, *, now: datetime) -> PassedOver:
    """Leave this therapist out of the client's lists from now on. Saying it again changes nothing.

    NotFound for whoever is not known: neither published nor, now or before, in any relation with the client.
    """
    therapist = _known(therapist_public_id, client_id)
    lock_persons(client_id)
    if therapist.person_id not in hidden_from(client_id, now=now):
        record_conflict(therapist.person_id, client_id, reason=REJECTED, now=now)
        audit.record("care.passed_over", subject=("person", client_id), therapist=str(therapist.public_id))
    return next(each for each in passed_over_by(client_id, now=now) if each.therapist_id == therapist.public_id)


def take_back(therapist_public_id: uuid.UUID, client_id: int, *, now: datetime) -> None:
    """See them in lists again. NotFound for whoever is not passed over."""
    if therapist_public_id not in {each.therapist_id for each in passed_over_by(client_id, now=now)}:
        raise NotFound
    therapist_id = db.session.execute(select(Therapist.person_id).where(Therapist.public_id == therapist_public_id)).scalar_one()
    take_back_rejection(therapist_id, client_id, now=now)
    audit.record("care.passing_over_ended", subject=("person", client_id), therapist=str(therapist_public_id))


def passed_over_by(client_id: int, *, now: datetime) -> Sequence[PassedOver]:
    """The latest first."""
    since = func.min(Conflict.since)
    wanted = (
        select(Therapist.public_id, Therapist.display_name, since)
        .join(Conflict, Conflict.therapist_id == Therapist.person_id)
        .where(Conflict.client_id == client_id, Conflict.reason.in_(HIDING), in_force(now))
        .group_by(Therapist.person_id)
        .order_by(since.desc(), Therapist.person_id)
    )
    return [PassedOver(*row) for row in db.session.execute(wanted)]


def forget_passing_over(client_id: int) -> None:
    """Also what was taken back: nothing of it is left."""
    db.session.execute(delete(Conflict).where(Conflict.client_id == client_id, Conflict.reason.in_(HIDING)))


def _known(public_id: uuid.UUID, client_id: int) -> Therapist:
    theirs = select(CareRelation.id).where(CareRelation.therapist_id == Therapist.person_id, CareRelation.client_id == client_id).exists()
    wanted = select(Therapist).where(Therapist.public_id == public_id, or_(Therapist.published_at.is_not(None), theirs))
    therapist = db.session.scalars(wanted).one_or_none()
    if therapist is None:
        raise NotFound
    return therapist
