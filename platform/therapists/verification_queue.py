"""The verifiers' work: cases about credentials, the most pressing first, then by their clock."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from sqlalchemy import Select, String, and_, case, cast, select, tuple_
from sqlalchemy.orm import joinedload

from core.db import db
from core.errors import Invalid
from core.http import cursor_of, key_of
from desk.kinds import PRIORITIES
from desk.models import Case
from therapists.credential_states import IN_QUEUE
from therapists.expiry import full_is_due
from therapists.models import Credential

WORKS = ("first", "second", "recheck", "full")
Work = Literal["first", "second", "recheck", "full"]
RANK = case(*[(Case.priority == priority, rank) for rank, priority in enumerate(PRIORITIES)], else_=len(PRIORITIES))


@dataclass(frozen=True)
class Waiting:
    """A credential and the case that asks somebody to look at it."""

    credential: Credential
    case: Case

    def work(self, *, now: datetime) -> Work:
        """What has to be done: a first check, a second pair of eyes, the monthly look, or everything anew."""
        if self.credential.first_checked_by is not None:
            return "second"
        if self.credential.state in IN_QUEUE:
            return "first"
        return "full" if full_is_due(self.credential.decided_at, now) else "recheck"


@dataclass(frozen=True)
class QueuePage:
    items: Sequence[Waiting]
    next: str | None


def queue(*, by: int, limit: int, cursor: str | None = None, register: str | None = None) -> QueuePage:
    """What waits for a look. The reader's own credentials are not shown, nor what waits for eyes other than theirs."""
    wanted = _open_work(by).order_by(RANK, Case.due_at, Case.public_id).limit(limit + 1)
    if register is not None:
        wanted = wanted.where(Credential.register == register)
    if cursor is not None:
        wanted = wanted.where(tuple_(RANK, Case.due_at, Case.public_id) > tuple_(*position_in_queue(cursor)))
    found = [Waiting(credential, about) for credential, about in db.session.execute(wanted).unique()]
    last = found[limit - 1].case if len(found) > limit else None
    more = cursor_of(PRIORITIES.index(last.priority), last.due_at.isoformat(), str(last.public_id)) if last else None
    return QueuePage(found[:limit], more)


def _open_work(by: int) -> Select[Credential, Case]:
    about = and_(Case.kind == "verification", Case.subject_kind == "credential", Case.subject_id == cast(Credential.public_id, String))
    wanted = select(Credential, Case).join(Case, about).where(Case.state != "closed", Credential.therapist_id != by)
    return wanted.where(Credential.first_checked_by.is_distinct_from(by)).options(joinedload(Credential.therapist), joinedload(Case.owner))


def position_in_queue(cursor: str) -> tuple[int, datetime, uuid.UUID]:
    """The (rank, clock, public id) of a cursor made by a queue of the verifiers; Invalid for anything else."""
    rank, due_at, public_id = key_of(cursor, int, str, str)
    try:
        at = datetime.fromisoformat(due_at)
        if at.tzinfo is None or not 0 <= rank < len(PRIORITIES):
            raise ValueError(due_at)
        return rank, at, uuid.UUID(public_id)
    except (ValueError, OverflowError) as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error
