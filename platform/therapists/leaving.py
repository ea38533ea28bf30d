"""A therapist says when they stop working here. From then on nobody new is taken; who is in care goes on until the last day, and is told in time.

The doors do not wait for the job that carries out the end: they compare `Therapist.leaves_at` with the clock at the moment of use.
"""

import uuid
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import select

from accounts.people import recipient_of
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.zones import day_bounds, local_date
from desk.cases import dismiss_cases_about, open_case
from notices.outbox import send
from therapists.accepting import answered
from therapists.leaving_models import LEAVING_REASONS, PlannedLeave
from therapists.leaving_news import tell_of_leave
from therapists.models import Therapist
from therapists.profile import profile_for_edit, touch
from therapists.publication import unpublish

NOTICE_DAYS = 30
LATEST_DAYS = 730
WORDS_CASE = "leaving_words"
WORDS_READ_WITHIN = timedelta(days=2)


class AlreadyLeaving(Conflict):
    code, detail = "already_leaving", "You have announced your last day already. Call it off first, to name another one."


class AlreadyLeft(Conflict):
    code, detail = "already_left", "Your last day is over. Please write to us if you want to come back."


def announce_leave(therapist: Therapist, *, last_day: date, reason: str, now: datetime, words: str | None = None) -> PlannedLeave:
    """No new clients from now on, nothing after `last_day`, which lies 30 to 730 days ahead on the therapist's own calendar.

    `words` are for the clients, who read them once a verifier has; without words, or if they may not be sent, clients read our neutral text. The therapist is
    locked. Refusals: AlreadyLeaving, Invalid.
    """
    if leave_of(therapist.person_id) is not None:
        raise AlreadyLeaving
    days = (last_day - local_date(therapist.zone, int(now.timestamp()))).days
    if not NOTICE_DAYS <= days <= LATEST_DAYS:
        raise Invalid(errors={"last_day": [f"At least {NOTICE_DAYS} and at most {LATEST_DAYS} days ahead."]})
    if reason not in LEAVING_REASONS:
        raise Invalid(errors={"reason": [f"One of: {', '.join(LEAVING_REASONS)}."]})
    leave = PlannedLeave(
        public_id=uuid.uuid4(),
        therapist_id=therapist.person_id,
        announced_at=now,
        last_day=last_day,
        ends_at=datetime.fromtimestamp(day_bounds(therapist.zone, last_day)[1], UTC),
        reason=reason,
        words_state="waiting" if words else "none",
        was_accepting=therapist.accepting,
    )
    leave.words = words
    db.session.add(leave)
    therapist.leaves_at, therapist.accepting = leave.ends_at, False
    answered(therapist, now=now)
    touch(therapist, now=now)
    audit.record("therapists.leaving_announced", subject=("therapist", therapist.public_id), actor=therapist.person_id, reason=reason)
    if words:
        open_case("verification", subject=words_subject(leave), person_id=leave.therapist_id, due_in=WORDS_READ_WITHIN, now=now)
    _write_to_therapist(therapist, leave, now=now)
    tell_of_leave("announced", leave, now=now)
    if leave.is_told:
        tell_of_leave("told", leave, now=now)
    return leave


def call_off_leave(therapist: Therapist, *, now: datetime) -> PlannedLeave:
    """As if it had not been announced; clients who were told are told that their therapist stays. NotFound without one, AlreadyLeft from its end on."""
    leave = leave_of(therapist.person_id, lock=True)
    if leave is None:
        raise NotFound
    if leave.ends_at <= now:
        raise AlreadyLeft
    leave.called_off_at = now
    therapist.leaves_at, therapist.accepting = None, leave.was_accepting
    answered(therapist, now=now)
    touch(therapist, now=now)
    audit.record("therapists.leaving_called_off", subject=("therapist", therapist.public_id), actor=therapist.person_id)
    dismiss_cases_about("verification", words_subject(leave), outcome="not_needed", by=None, now=now)
    tell_of_leave("called_off", leave, now=now)
    return leave


def carry_out_ends(*, now: datetime) -> None:
    """What is left to do once a last day is over: the profile is taken down, and others end what was theirs. Signing in and the records stay."""
    due = select(PlannedLeave.therapist_id).where(PlannedLeave.ends_at <= now, PlannedLeave.called_off_at.is_(None), PlannedLeave.done_at.is_(None))
    for therapist_id in db.session.execute(due.order_by(PlannedLeave.therapist_id)).scalars().all():
        therapist = profile_for_edit(therapist_id)
        leave = leave_of(therapist_id, lock=True)
        if leave is None or leave.done_at is not None or leave.ends_at > now:
            continue
        leave.done_at = now
        unpublish(therapist, now=now)
        audit.record("therapists.left", subject=("therapist", therapist.public_id), reason=leave.reason)
        tell_of_leave("left", leave, now=now)


def leave_of(therapist_id: int, *, lock: bool = False) -> PlannedLeave | None:
    """The one that is in force, also when it is over."""
    wanted = select(PlannedLeave).where(PlannedLeave.therapist_id == therapist_id, PlannedLeave.called_off_at.is_(None))
    if lock:
        wanted = wanted.with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def leave_by_id(leave_id: int) -> PlannedLeave:
    """Fresh from its row."""
    return db.session.scalars(select(PlannedLeave).where(PlannedLeave.id == leave_id).execution_options(populate_existing=True)).one()


def words_subject(leave: PlannedLeave) -> tuple[str, str]:
    return WORDS_CASE, str(leave.public_id)


def _write_to_therapist(therapist: Therapist, leave: PlannedLeave, *, now: datetime) -> None:
    recipient = recipient_of(therapist.person_id)
    if recipient is None:
        return
    send(
        recipient,
        kind="leaving_announced",
        template="therapists/leaving_announced",
        facts={"name": therapist.display_name, "last_day": day_in_words(leave.last_day), "words_wait": leave.words_state == "waiting"},
        once=f"leaving:{leave.id}",
        now=now,
        person_id=therapist.person_id,
    )


def day_in_words(day: date) -> str:
    """``3 February 2027``."""
    return f"{day.day} {day:%B %Y}"
