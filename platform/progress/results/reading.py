"""Results as their client reads them, and as a therapist reads those that were shared with them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.models import Person
from booking.reading import Named
from care.models import CareRelation
from care.relation import IN_CARE
from core.db import db
from core.errors import NotFound
from core.http import cursor_of, key_of
from progress.questionnaires import questionnaires
from progress.results.models import SharedResult, TakenQuestionnaire
from progress.scoring import Answer, Change, reliable_change, score
from therapists.models import Therapist


@dataclass(frozen=True, slots=True)
class SharedWith:
    therapist_id: uuid.UUID
    therapist_name: str
    since: datetime


@dataclass(frozen=True, slots=True)
class ResultShown:
    """`score` and what follows from it are None while an answer is open (`missing`: numbers from 1). `change`: since the last complete one of the same kind,
    beyond the instrument's own noise; None without one, or where no such number is published.
    """

    public_id: uuid.UUID
    questionnaire: str
    name: str
    taken_at: datetime
    answers: Sequence[Answer]
    score: int | None
    highest: int
    band: str | None
    positive: bool | None
    missing: Sequence[int]
    change: Change | None = None
    shared_with: Sequence[SharedWith] = ()
    client: Named | None = None


@dataclass(frozen=True, slots=True)
class ResultsShown:
    items: Sequence[ResultShown]
    next: str | None


def show_result(result_id: uuid.UUID, *, client_id: int) -> ResultShown:
    """NotFound for anybody else's."""
    row = db.session.scalars(_own(client_id).where(TakenQuestionnaire.public_id == result_id)).one_or_none()
    if row is None:
        raise NotFound
    return _for_client(row)


def results_of(client_id: int, *, limit: int, cursor: str | None = None) -> ResultsShown:
    """Everything this client took, the newest first."""
    found, following = _page(_own(client_id), limit, cursor)
    return ResultsShown([_for_client(row) for row in found], following)


def results_shared_with(therapist_id: int, *, limit: int, cursor: str | None = None) -> ResultsShown:
    """What clients let this therapist read, the newest first."""
    wanted = select(TakenQuestionnaire).join(SharedResult, SharedResult.taken_id == TakenQuestionnaire.id).where(SharedResult.therapist_id == therapist_id)
    found, following = _page(wanted, limit, cursor)
    people = {person.id: person for person in db.session.scalars(select(Person).where(Person.id.in_([row.client_id for row in found])))}
    return ResultsShown([_plain(row, client=Named(people[row.client_id].public_id, people[row.client_id].name)) for row in found], following)


def therapists_in_care(client_id: int) -> Sequence[Named]:
    """With whom this client can share a result."""
    wanted = select(Therapist.public_id, Therapist.display_name).join(CareRelation, CareRelation.therapist_id == Therapist.person_id)
    theirs = wanted.where(CareRelation.client_id == client_id, CareRelation.state.in_(IN_CARE)).order_by(CareRelation.id)
    return [Named(*row) for row in db.session.execute(theirs)]


def _for_client(row: TakenQuestionnaire) -> ResultShown:
    shared = [SharedWith(each.therapist.public_id, each.therapist.display_name, each.shared_at) for each in row.shares]
    return _plain(row, change=_change(row), shared_with=shared)


def _plain(row: TakenQuestionnaire, **more: Any) -> ResultShown:
    said = row.said or {}
    questionnaire = questionnaires()[said["questionnaire"]]
    found = score(questionnaire, said["answers"])
    return ResultShown(
        public_id=row.public_id,
        questionnaire=questionnaire.slug,
        name=questionnaire.name,
        taken_at=row.taken_at,
        answers=said["answers"],
        score=found.score,
        highest=questionnaire.highest,
        band=found.band,
        positive=found.positive,
        missing=found.missing,
        **more,
    )


def _change(row: TakenQuestionnaire) -> Change | None:
    said = row.said or {}
    questionnaire = questionnaires()[said["questionnaire"]]
    now = score(questionnaire, said["answers"]).score
    if questionnaire.reliable_change is None or now is None:
        return None
    earlier = select(TakenQuestionnaire).where(TakenQuestionnaire.client_id == row.client_id, TakenQuestionnaire.id < row.id)
    for before in db.session.scalars(earlier.order_by(TakenQuestionnaire.id.desc())):
        kept = before.said or {}
        if kept["questionnaire"] == questionnaire.slug and (was := score(questionnaire, kept["answers"]).score) is not None:
            return reliable_change(questionnaire, was, now)
    return None


def _own(client_id: int) -> Select[TakenQuestionnaire]:
    shares = selectinload(TakenQuestionnaire.shares).options(joinedload(SharedResult.therapist))
    return select(TakenQuestionnaire).where(TakenQuestionnaire.client_id == client_id).options(shares)


def _page(wanted: Select[TakenQuestionnaire], limit: int, cursor: str | None) -> tuple[Sequence[TakenQuestionnaire], str | None]:
    if cursor is not None:
        wanted = wanted.where(TakenQuestionnaire.id < key_of(cursor, int)[0])
    newest_first = wanted.order_by(TakenQuestionnaire.id.desc()).limit(limit + 1)
    found = db.session.scalars(newest_first.execution_options(populate_existing=True)).all()
    return found[:limit], cursor_of(found[limit - 1].id) if len(found) > limit else None
