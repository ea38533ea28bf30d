"""What a leaving therapist wants their clients to read is read by a verifier first. Refused or unread in time: our neutral text goes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, Forbidden, NotFound
from core.http import cursor_of, key_of
from desk.cases import dismiss_cases_about
from therapists.leaving import words_subject
from therapists.leaving_models import PlannedLeave
from therapists.leaving_news import tell_of_leave
from therapists.models import Therapist

# Clients are not kept waiting longer than this for a text that nobody reads.
UNREAD_FOR = timedelta(days=7)


class WordsSettled(Conflict):
    code, detail = "words_settled", "It is settled already what clients read."


class OwnWords(Forbidden):
    code, detail = "self_approval", "Nobody approves their own words."


@dataclass(frozen=True)
class WaitingWords:
    leave: PlannedLeave
    therapist: Therapist


@dataclass(frozen=True)
class WaitingWordsPage:
    items: Sequence[WaitingWords]
    next: str | None


def waiting_words(*, limit: int, cursor: str | None = None) -> WaitingWordsPage:
    """Texts that wait for a reader, the longest waiting first."""
    wanted = select(PlannedLeave, Therapist).join(Therapist, Therapist.person_id == PlannedLeave.therapist_id)
    wanted = wanted.where(PlannedLeave.words_state == "waiting", PlannedLeave.called_off_at.is_(None)).order_by(PlannedLeave.id).limit(limit + 1)
    if cursor is not None:
        (last,) = key_of(cursor, int)
        wanted = wanted.where(PlannedLeave.id > last)
    found = [WaitingWords(leave, therapist) for leave, therapist in db.session.execute(wanted)]
    return WaitingWordsPage(found[:limit], cursor_of(found[limit - 1].leave.id) if len(found) > limit else None)


def decide_words(public_id: UUID, *, approved: bool, by: int, now: datetime) -> PlannedLeave:
    """Send them, or our neutral text instead. NotFound, OwnWords, WordsSettled."""
    wanted = select(PlannedLeave).where(PlannedLeave.public_id == public_id, PlannedLeave.called_off_at.is_(None)).with_for_update()
    leave = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if leave is None:
        raise NotFound
    if leave.therapist_id == by:
        raise OwnWords
    if leave.words_state != "waiting":
        raise WordsSettled
    return _settle(leave, "approved" if approved else "neutral", by=by, now=now)


def settle_unread(*, now: datetime) -> None:
    """What nobody has read in time is not sent."""
    unread = select(PlannedLeave).where(PlannedLeave.words_state == "waiting", PlannedLeave.called_off_at.is_(None))
    unread = unread.where(PlannedLeave.announced_at <= now - UNREAD_FOR).with_for_update(skip_locked=True)
    for leave in db.session.scalars(unread.order_by(PlannedLeave.id).execution_options(populate_existing=True)).all():
        _settle(leave, "neutral", by=None, now=now)


def _settle(leave: PlannedLeave, state: str, *, by: int | None, now: datetime) -> PlannedLeave:
    leave.words_state, leave.words_decided_by = state, by
    db.session.flush()
    audit.record("therapists.leaving_words_settled", subject=("planned_leave", leave.public_id), reason=state, actor=by)
    dismiss_cases_about("verification", words_subject(leave), outcome=state, by=by, now=now)
    tell_of_leave("told", leave, now=now)
    return leave
