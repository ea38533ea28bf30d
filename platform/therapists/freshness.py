"""What time does to credentials: warnings before an entry ends, its end, and the monthly looks that keep what we say true. Called by a job, every hour.

The doors do not wait for it: they compare dates at the moment of use.
"""

from datetime import datetime, timedelta

from sqlalchemy import String, cast, or_, select
from sqlalchemy.orm import selectinload

from accounts.people import recipient_of
from core.db import db
from core.zones import local_date
from desk.cases import open_case, open_case_about, raise_priority
from desk.models import Case
from notices.outbox import send
from taxonomy.vocabulary import vocabulary
from therapists.credential_states import LIVE
from therapists.credential_steps import step
from therapists.expiry import FULL_PREPARED_BEFORE, PREPARED_BEFORE, WARNINGS, look_due_at, priority_of_look, state_by_date, warning_due
from therapists.facts import zone_of
from therapists.models import Credential
from therapists.standing import CHECKED_WITHIN, RECHECK_EVERY

AT_ONCE = 500
LOOK_AGAIN_WITHIN = timedelta(days=7)


def follow_dates(*, now: datetime) -> None:
    """Warn before the last day, and mark what is about to end or has ended."""
    # A day of slack covers every zone; the pure rules decide exactly.
    near = (now + timedelta(days=WARNINGS[0] + 1)).date()
    wanted = select(Credential).where(Credential.state.in_(LIVE), Credential.expires_on <= near).order_by(Credential.expires_on, Credential.id)
    wanted = wanted.options(selectinload(Credential.therapist)).with_for_update(of=Credential, skip_locked=True)
    for credential in db.session.scalars(wanted.execution_options(populate_existing=True)).all():
        _follow_date(credential, now=now)
    db.session.flush()


def _follow_date(credential: Credential, *, now: datetime) -> None:
    assert credential.expires_on is not None, "the query asked for a date"
    zone = zone_of(credential)
    after = state_by_date(credential.state, credential.expires_on, zone, now)
    if after != credential.state:
        step(credential, after, by="clock", reason="date_passed" if after == "expired" else "expiry_near", actor=None)
    if after == "expired":
        _tell_it_is_over(credential, now=now)
        ask_for_a_look(credential, priority="high", now=now)
        return
    days_left = (credential.expires_on - local_date(zone, int(now.timestamp()))).days
    warning = warning_due(days_left, credential.warned_days)
    if warning is not None:
        credential.warned_days = warning
        _warn(credential, days_left, warning, now=now)


def _warn(credential: Credential, days_left: int, warning: int, *, now: datetime) -> None:
    _write(credential, "therapists/date_ahead", {"days": days_left}, once=str(warning), now=now)


def _tell_it_is_over(credential: Credential, *, now: datetime) -> None:
    """Once: nobody decided it, so nobody else tells them why they are on no list any more."""
    _write(credential, "therapists/date_passed", {}, once="over", now=now)


def _write(credential: Credential, template: str, more: dict[str, int], *, once: str, now: datetime) -> None:
    recipient = recipient_of(credential.therapist_id)
    register = vocabulary().registers.get(credential.register)
    if recipient is None or credential.expires_on is None:
        return
    facts = {
        "name": credential.therapist.display_name,
        "body": register.label if register else credential.register,
        "last_day": f"{credential.expires_on.day} {credential.expires_on:%B %Y}",
        **more,
    }
    once = f"credential-date:{credential.id}:{credential.expires_on}:{once}"
    send(recipient, kind="credential_date", template=template, facts=facts, once=once, now=now, person_id=credential.therapist_id)


def prepare_looks(*, now: datetime) -> None:
    """A case for every live credential whose monthly look or full verification comes due, and more pressing ones for what is late: from its first day on."""
    due = or_(
        Credential.checked_at.is_(None),
        Credential.checked_at <= now - RECHECK_EVERY + PREPARED_BEFORE,
        Credential.decided_at.is_(None),
        Credential.decided_at <= now - CHECKED_WITHIN + FULL_PREPARED_BEFORE,
    )
    # What has a case is left alone until it grows more pressing, so a run costs what has changed.
    case_of = (Case.kind == "verification") & (Case.subject_kind == "credential") & (Case.subject_id == cast(Credential.public_id, String))
    settled = select(Case.id).where(case_of, Case.state != "closed", or_(Case.due_at > now, Case.priority == "urgent"))
    wanted = select(Credential).where(Credential.state.in_(LIVE), due, ~settled.exists()).order_by(Credential.checked_at, Credential.id).limit(AT_ONCE)
    for credential in db.session.scalars(wanted.with_for_update(skip_locked=True).execution_options(populate_existing=True)).all():
        ask_for_a_look(credential, priority=priority_of_look(credential.checked_at, now), now=now)


def ask_for_a_look(credential: Credential, *, priority: str, now: datetime) -> None:
    subject = ("credential", str(credential.public_id))
    due_at = look_due_at(credential.checked_at) if credential.checked_at is not None else now
    if open_case_about("verification", subject) is None:
        due_in = due_at - now if credential.state in LIVE and due_at <= now else max(due_at - now, LOOK_AGAIN_WITHIN)
        open_case("verification", subject=subject, person_id=credential.therapist_id, priority=priority, due_in=due_in, now=now)
    else:
        raise_priority("verification", subject, to=priority, now=now)
