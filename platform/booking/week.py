"""A therapist's week: what is booked and how sure that is, who waits for an answer, what is free and what is closed, and what asks for a look.

Dates are those of the therapist's own zone, whatever zone a schedule lies in. A fixed number of statements, however full the week.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import selectinload

from booking.disruption.disrupted_times import off_at_present
from booking.disruption.reading import DisruptionShown, disruptions_of
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.openings.availability import instant_of, offers_of, second_of, starts_of
from booking.openings.busy import outside_busy_of
from booking.openings.engine import hours_around
from booking.openings.intervals import Interval, clip, merge
from booking.openings.resolved_week import DAYS, Stretch
from booking.openings.schedule import ONE_DAY, Schedule, edge, holidays_between
from booking.openings.schedules import ScheduleNamed, schedules_of
from booking.outside.collisions import CollisionShown, open_collisions
from booking.reading import OWN_HOLD
from booking.waitlist.models import ALIVE, WaitlistEntry
from core.db import db
from core.errors import NotFound
from core.zones import local_date
from therapists.models import Service, Therapist
from therapists.schedule_models import TherapistLimits, TherapistSchedule

IN_ONE_WEEK = 500  # bookings
AT_MOST = 50  # requests; and so many collisions and disruptions
SHOWN = (State.CONFIRMED.value, State.COMPLETED.value, State.NO_SHOW.value, State.HELD.value, State.REQUESTED.value)


@dataclass(frozen=True, slots=True)
class DayShown:
    """`starts_at` to `ends_at` is the local date, 23 to 25 hours. `hours` are those of all schedules, `openings` the starts that can be booked now."""

    day: date
    starts_at: datetime
    ends_at: datetime
    hours: Sequence[Stretch]
    time_off: Sequence[Stretch]
    holidays: Sequence[str]
    openings: int


@dataclass(frozen=True, slots=True)
class WeekShown:
    """`requests` are all that wait, the one whose clock runs out first at the top; `off` names bookings that do not take place where they stand.

    `complete` is False where there was more of something than is shown.
    """

    zone: str
    days: Sequence[DayShown]
    bookings: Sequence[Booking]
    requests: Sequence[Booking]
    off: frozenset[int]
    outside: Sequence[Stretch]
    collisions: Sequence[CollisionShown]
    disruptions: Sequence[DisruptionShown]
    waiting: int
    complete: bool


def therapists_week(therapist_id: int, day: date | None, *, now: datetime) -> WeekShown:
    """The week in which that date lies (today, if none), from the first day of the therapist's week; NotFound without a profile."""
    waits = select(func.count()).where(WaitlistEntry.therapist_id == therapist_id, WaitlistEntry.state.in_(ALIVE)).scalar_subquery()
    of_therapist = (
        select(Therapist.zone, func.coalesce(TherapistLimits.week_start, 0), waits)
        .outerjoin(TherapistLimits, TherapistLimits.therapist_id == Therapist.person_id)
        .where(Therapist.person_id == therapist_id)
    )
    row = db.session.execute(of_therapist).one_or_none()
    if row is None:
        raise NotFound
    zone, week_start, waiting = row
    day = day or local_date(zone, int(now.timestamp()))
    dates = [day + timedelta(days=ahead - (day.weekday() - week_start) % DAYS) for ahead in range(DAYS)]
    bounds = [edge(zone, each, 0) for each in (*dates, dates[-1] + ONE_DAY)]
    start, end = instant_of(bounds[0]), instant_of(bounds[-1])
    booked, requests = _bookings(therapist_id, start, end, now=now), _requests(therapist_id, now=now)
    collisions = open_collisions(therapist_id, limit=AT_MOST, cursor=None, now=now)
    disruptions = disruptions_of(therapist_id, only_open=True, limit=AT_MOST, cursor=None)
    return WeekShown(
        zone=zone,
        days=_days(therapist_id, zone, dates, bounds, now=now),
        bookings=booked[:IN_ONE_WEEK],
        requests=requests[:AT_MOST],
        off=off_at_present([booking.id for booking in booked]),
        outside=_stretches(clip(outside_busy_of(therapist_id, start, end), (bounds[0], bounds[-1]))),
        collisions=collisions.items,
        disruptions=disruptions.items,
        waiting=waiting,
        complete=len(booked) <= IN_ONE_WEEK and len(requests) <= AT_MOST and collisions.next is None and disruptions.next is None,
    )


_PEOPLE = (selectinload(Booking.participants).joinedload(BookingParticipant.person),)


def _bookings(therapist_id: int, start: datetime, end: datetime, *, now: datetime) -> Sequence[Booking]:
    """What takes place, took place, or waits; a client's own hold is nobody else's business."""
    alive = or_(Booking.lapses_at.is_(None), Booking.lapses_at > now)
    shown = and_(Booking.state.in_(SHOWN), alive, or_(Booking.state != State.HELD.value, ~OWN_HOLD))
    wanted = select(Booking).where(Booking.therapist_id == therapist_id, Booking.starts_at < end, Booking.ends_at > start, shown)
    return db.session.scalars(wanted.order_by(Booking.starts_at, Booking.id).options(*_PEOPLE).limit(IN_ONE_WEEK + 1)).all()


def _requests(therapist_id: int, *, now: datetime) -> Sequence[Booking]:
    wanted = select(Booking).where(Booking.therapist_id == therapist_id, Booking.state == State.REQUESTED.value, Booking.lapses_at > now)
    return db.session.scalars(wanted.order_by(Booking.lapses_at, Booking.id).options(*_PEOPLE).limit(AT_MOST + 1)).all()


def _days(therapist_id: int, zone: str, dates: Sequence[date], bounds: Sequence[int], *, now: datetime) -> list[DayShown]:
    schedules = _schedules(therapist_id, zone)
    opens = _openings(therapist_id, zone, (bounds[0], bounds[-1]), now=now)
    days = []
    for day, start, end in zip(dates, bounds, bounds[1:], strict=False):
        within = (start, end)
        names = {name for schedule in schedules for _, name in holidays_between(schedule, day, day)}
        days.append(
            DayShown(
                day=day,
                starts_at=instant_of(start),
                ends_at=instant_of(end),
                hours=_stretches(clip(merge(span for schedule in schedules for span in hours_around(schedule, within)), within)),
                time_off=_stretches(clip(merge(span for schedule in schedules for span in schedule.away), within)),
                holidays=sorted(names),
                openings=opens[day],
            )
        )
    return days


def _openings(therapist_id: int, zone: str, week: Interval, *, now: datetime) -> Counter[date]:
    """How many starts of any service can be booked now, by date."""
    if week[1] <= second_of(now):
        return Counter()
    services = db.session.scalars(select(Service.id).where(Service.therapist_id == therapist_id, Service.active)).all()
    found = starts_of(offers_of(services).values(), instant_of(week[0]), instant_of(week[1]), now=now)
    return Counter(local_date(zone, second) for second in {second for starts in found.values() for second in starts})


def _schedules(therapist_id: int, zone: str) -> list[Schedule]:
    own = TherapistSchedule
    columns = select(own.id, own.name, func.coalesce(own.zone, zone).label("zone"), own.holiday_country, own.holiday_subdivision)
    rows = db.session.execute(columns.where(own.therapist_id == therapist_id))
    return list(schedules_of([ScheduleNamed(row.id, row.name, row.zone, row.holiday_country, row.holiday_subdivision) for row in rows]).values())


def _stretches(intervals: Sequence[Interval]) -> list[Stretch]:
    return [Stretch(instant_of(start), instant_of(end)) for start, end in intervals]
