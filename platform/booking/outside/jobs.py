"""Read subscribed calendars again and again. What was last read well stays until something better is read: a failed look never frees time.

Every quarter of an hour, with growing pauses while it fails; after a day of failing the owner is told, once.
"""

from datetime import datetime, timedelta
from secrets import randbelow

import structlog
from sqlalchemy import ColumnElement, exists, or_, select

from accounts.people import recipient_of
from booking.outside.calendars import keep_reading, shown_address
from booking.outside.look import Errand, NotRead, Reading, ask, errand_to, own_bookings, read
from booking.outside.models import OutsideCalendar
from core.clock import now as now_of_transaction
from core.db import db, lock_persons, transaction
from core.jobs import job, periodic
from notices.outbox import send
from therapists.models import Therapist

log = structlog.get_logger()
EVERY, JITTER_SECONDS = timedelta(minutes=15), 120
LONGEST_PAUSE = timedelta(hours=6)
TOLD_AFTER = timedelta(hours=24)
# Longer than one look can take.
LEASE = timedelta(minutes=3)
AT_ONCE = 300


@periodic("*/5 * * * *", "booking.refresh_due")
def refresh_due() -> None:
    """Every calendar that is due gets a job of its own, so that a slow one keeps nobody waiting. Those of therapists who have left are read no more."""
    now = now_of_transaction()
    due = (
        select(OutsideCalendar)
        .where(OutsideCalendar.due_at <= now, ~_has_left(now))
        .order_by(OutsideCalendar.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    for calendar in db.session.execute(due).scalars().all():
        calendar.due_at = _next(now, failures=0)
        refresh_outside.enqueue(calendar_id=calendar.id)


@job("booking.refresh_outside", outside=True)
def refresh_outside(calendar_id: int) -> None:
    """One look at one calendar; does nothing while another worker looks at it, or when it was removed."""
    with transaction():
        errand = _take(calendar_id, now=now_of_transaction())
    if errand is None:
        return
    try:
        reading = look(errand)
    except NotRead as failure:
        with transaction():
            _note_failure(calendar_id, failure.reason, now=now_of_transaction())
    else:
        with transaction():
            _note_success(calendar_id, errand, reading, now=now_of_transaction())


def look(errand: Errand) -> Reading:
    """Ask, and read what came, with no transaction open around either. NotRead."""
    fetched = ask(errand)
    with transaction():
        is_own = own_bookings(errand.therapist_id)
    return read(errand, fetched, is_own)


def _take(calendar_id: int, *, now: datetime) -> Errand | None:
    free = or_(OutsideCalendar.lease_ends_at.is_(None), OutsideCalendar.lease_ends_at <= now)
    wanted = select(OutsideCalendar).where(OutsideCalendar.id == calendar_id, free, ~_has_left(now)).with_for_update(skip_locked=True)
    calendar = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if calendar is None:
        return None
    calendar.lease_ends_at, calendar.tried_at = now + LEASE, now
    return errand_to(calendar, now=now)


def _has_left(now: datetime) -> ColumnElement[bool]:
    return exists().where(Therapist.person_id == OutsideCalendar.therapist_id, Therapist.leaves_at <= now)


def _again(calendar_id: int) -> OutsideCalendar | None:
    """The calendar after the look; the locks are taken in the order of the write path, people first."""
    owner = db.session.execute(select(OutsideCalendar.therapist_id).where(OutsideCalendar.id == calendar_id)).scalar_one_or_none()
    if owner is None:
        return None
    lock_persons(owner)
    return db.session.get(OutsideCalendar, calendar_id, with_for_update=True, populate_existing=True)


def _note_success(calendar_id: int, errand: Errand, reading: Reading, *, now: datetime) -> None:
    calendar = _again(calendar_id)
    if calendar is None:
        return
    calendar.lease_ends_at, calendar.failures, calendar.failure, calendar.told_at, calendar.good_at = None, 0, None, None, now
    calendar.due_at = _next(now, failures=0)
    if calendar.tentative_blocks != errand.tentative_blocks:
        calendar.due_at = now  # the setting was changed during the look
        return
    keep_reading(calendar, errand, reading, now=now)


def _note_failure(calendar_id: int, reason: str, *, now: datetime) -> None:
    calendar = _again(calendar_id)
    if calendar is None:
        return
    calendar.lease_ends_at, calendar.failure = None, reason
    calendar.failures += 1
    calendar.due_at = _next(now, failures=calendar.failures)
    log.warning("outside_calendar_not_read", calendar=calendar.id, reason=reason, failures=calendar.failures)
    if calendar.told_at is None and now - calendar.good_at >= TOLD_AFTER:
        _tell(calendar, now=now)


def _tell(calendar: OutsideCalendar, *, now: datetime) -> None:
    calendar.told_at = now
    recipient = recipient_of(calendar.therapist_id)
    if recipient is not None:
        facts = {"calendar": shown_address(calendar), "good_at": calendar.good_at}
        once = f"outside-stale:{calendar.id}:{calendar.good_at.isoformat()}"
        send(recipient, kind="outside_stale", template="booking/outside_stale", facts=facts, once=once, now=now, person_id=calendar.therapist_id)


def _next(now: datetime, *, failures: int) -> datetime:
    pause = min(EVERY * (1 << min(max(failures - 1, 0), 10)), LONGEST_PAUSE)
    return now + pause + timedelta(seconds=randbelow(JITTER_SECONDS))
