"""What time does to the required checks: warnings before a last day, and the screens that have to be repeated. Called by a job, every hour.

The doors do not wait for it: they compare dates at the moment of use.
"""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, String, and_, cast, or_, select
from sqlalchemy.orm import joinedload

from accounts.people import recipient_of
from core.db import db
from desk.cases import open_case, open_case_about, raise_priority
from desk.models import Case
from notices.outbox import send
from taxonomy.checks import CheckKind
from taxonomy.vocabulary import vocabulary
from therapists.agreement import agreements, last_day_under
from therapists.check_models import PracticeCheck
from therapists.check_records import check_of, subject_of
from therapists.credential_states import IN_QUEUE, LIVE
from therapists.expiry import PREPARED_BEFORE, WARNINGS, priority_of_look, warning_due
from therapists.facts import check_facts
from therapists.models import Credential, Therapist
from therapists.own_checks import LOOK_WITHIN
from therapists.required_checks import AGREEMENT, days_left, last_day_of
from therapists.standing import RECHECK_EVERY

AT_ONCE = 500
# What nobody was told of in this time, is told no more. `warned_days` is OVER once it was.
TOLD_WITHIN, OVER = timedelta(days=7), -1
SINCE_THEN = {
    "always": "Until there is a new one, your profile is on no list and what is booked cannot take place.",
    "supervision": "Until there is a new one, entries on a register that stand on supervision do not count.",
    "minors": "Until there is a new one, nobody under 18 can book you.",
}
CONSEQUENCES = {
    "always": "When it has ended, your profile is taken off every list and what is booked for later cannot take place, until there is a new one.",
    "supervision": "When it has ended, entries on a register that stand on supervision count no longer, until there is a new one.",
    "minors": "When it has ended, nobody under 18 can book you, until there is a new one.",
}


def warn_of_last_days(*, now: datetime) -> None:
    """One letter each at 90, 60, 30 and 7 days before a document ends, or the grace for a new version of the agreement, and one once its last day is over."""
    # A day of slack covers every zone; the pure rule decides exactly.
    soon, today = (now + timedelta(days=WARNINGS[0] + 1)).date(), (now - TOLD_WITHIN).date()
    ending = [each.version for each in agreements() if today <= (last_day_under(agreements(), each.version) or today - timedelta(days=1)) <= soon]
    near = or_(PracticeCheck.valid_until.between(today, soon), and_(PracticeCheck.kind == AGREEMENT, PracticeCheck.version.in_(ending)))
    wanted = select(PracticeCheck).where(PracticeCheck.passed.is_(True), near).options(joinedload(PracticeCheck.therapist)).order_by(PracticeCheck.id)
    for check in db.session.scalars(wanted.with_for_update(of=PracticeCheck, skip_locked=True).execution_options(populate_existing=True)):
        kind, left = vocabulary().checks.kinds.get(check.kind), days_left(check_facts(check), now=now)
        warning = _letter_due(left, check.warned_days) if left is not None else None
        if kind is not None and left is not None and warning is not None:
            check.warned_days = warning
            _warn(check, kind, left, warning, now=now)
    db.session.flush()


def _letter_due(left: int, warned: int | None) -> int | None:
    if left < 0:
        return None if warned == OVER else OVER
    return warning_due(left, warned)


def _warn(check: PracticeCheck, kind: CheckKind, left: int, warning: int, *, now: datetime) -> None:
    recipient, last_day = recipient_of(check.therapist_id), last_day_of(check_facts(check))
    if recipient is None or last_day is None:
        return
    facts = {
        "name": check.therapist.display_name,
        "check": kind.label,
        "last_day": f"{last_day.day} {last_day:%B %Y}",
        "days": left,
        "next_step": kind.next_step,
        "consequence": (SINCE_THEN if warning == OVER else CONSEQUENCES)[kind.demand],
    }
    template = "therapists/check_date_passed" if warning == OVER else "therapists/check_date_ahead"
    once = f"check-date:{check.id}:{last_day}:{warning}"
    send(recipient, kind="check_date", template=template, facts=facts, once=once, now=now, person_id=check.therapist_id)


def prepare_screens(*, now: datetime) -> None:
    """A case for every list that has to be read: a first time when a credential is claimed, then a week before it is due, more pressing once it is late."""
    for kind in vocabulary().checks.kinds.values():
        if kind.every_days is not None:
            _begin_screens(kind)
            _repeat_screens(kind, timedelta(days=kind.every_days), now=now)


def _begin_screens(kind: CheckKind) -> None:
    """Whoever has claimed a credential, and of whom nobody has begun to look."""
    claimed = select(Credential.id).where(Credential.therapist_id == Therapist.person_id, Credential.state.in_((*LIVE, *IN_QUEUE)))
    begun = select(PracticeCheck.id).where(PracticeCheck.therapist_id == Therapist.person_id, PracticeCheck.kind == kind.slug)
    wanted = select(Therapist).where(claimed.exists(), ~begun.exists()).order_by(Therapist.person_id).limit(AT_ONCE)
    for therapist in db.session.scalars(wanted.with_for_update(key_share=True, skip_locked=True)):
        check_of(therapist.person_id, kind.slug, zone=therapist.zone)


def has_an_entry() -> ColumnElement[bool]:
    """Whoever a check is about has an entry on a register that counts, or waits to: nobody else is screened again and again."""
    return select(Credential.id).where(Credential.therapist_id == PracticeCheck.therapist_id, Credential.state.in_((*LIVE, *IN_QUEUE))).exists()


def _repeat_screens(kind: CheckKind, every: timedelta, *, now: datetime) -> None:
    about = (Case.kind == "verification") & (Case.subject_kind == "check") & (Case.subject_id == cast(PracticeCheck.public_id, String))
    settled = select(Case.id).where(about, Case.state != "closed", or_(Case.due_at > now, Case.priority == "urgent"))
    stale = and_(PracticeCheck.passed.is_(True), PracticeCheck.checked_at <= now - every + PREPARED_BEFORE)
    due = select(PracticeCheck).where(PracticeCheck.kind == kind.slug, or_(PracticeCheck.passed.is_(None), stale), has_an_entry(), ~settled.exists())
    due = due.order_by(PracticeCheck.checked_at, PracticeCheck.id).limit(AT_ONCE)
    for check in db.session.scalars(due.with_for_update(skip_locked=True).execution_options(populate_existing=True)):
        _ask_for_a_screen(check, every, now=now)


def _ask_for_a_screen(check: PracticeCheck, every: timedelta, *, now: datetime) -> None:
    begun = check.checked_at is None
    priority = "normal" if check.checked_at is None else priority_of_look(check.checked_at + every - RECHECK_EVERY, now)
    if open_case_about("verification", subject_of(check)) is None:
        due_in = LOOK_WITHIN if check.checked_at is None else check.checked_at + every - now
        open_case("verification", subject=subject_of(check), person_id=check.therapist_id, priority=priority, due_in=due_in, now=now)
    else:
        raise_priority("verification", subject_of(check), to="high" if begun else priority, now=now)
