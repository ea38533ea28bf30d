"""The verifiers' work on required checks: the same kind of case, in the same order as credentials. Claimed and released at the desk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, select, tuple_
from sqlalchemy.orm import joinedload

from core.db import db
from core.http import cursor_of
from desk.kinds import PRIORITIES
from desk.models import Case
from therapists.check_models import PracticeCheck
from therapists.verification_queue import RANK, position_in_queue


@dataclass(frozen=True)
class WaitingCheck:
    """A check and the case that asks somebody to look at it."""

    check: PracticeCheck
    case: Case


@dataclass(frozen=True)
class CheckQueuePage:
    items: Sequence[WaitingCheck]
    next: str | None


def check_queue(*, by: int, now: datetime, limit: int, cursor: str | None = None, kind: str | None = None, overdue: bool = False) -> CheckQueuePage:
    """What waits for a look, the most pressing first; the reader's own checks are not shown. `overdue`: only what is past its clock."""
    about = (Case.kind == "verification") & (Case.subject_kind == "check") & (Case.subject_id == cast(PracticeCheck.public_id, String))
    wanted = select(PracticeCheck, Case).join(Case, about).where(Case.state != "closed", PracticeCheck.therapist_id != by)
    wanted = wanted.options(joinedload(PracticeCheck.therapist), joinedload(Case.owner)).order_by(RANK, Case.due_at, Case.public_id).limit(limit + 1)
    if kind is not None:
        wanted = wanted.where(PracticeCheck.kind == kind)
    if overdue:
        wanted = wanted.where(Case.due_at <= now)
    if cursor is not None:
        wanted = wanted.where(tuple_(RANK, Case.due_at, Case.public_id) > tuple_(*position_in_queue(cursor)))
    found = [WaitingCheck(check, case) for check, case in db.session.execute(wanted).unique()]
    last = found[limit - 1].case if len(found) > limit else None
    more = cursor_of(PRIORITIES.index(last.priority), last.due_at.isoformat(), str(last.public_id)) if last else None
    return CheckQueuePage(found[:limit], more)
