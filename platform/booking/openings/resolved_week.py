"""A week of one schedule as it comes out when every rule is applied: for the therapist to see what their rules mean."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select

from booking.openings.engine import hours_around
from booking.openings.intervals import Interval, clip, merge
from booking.openings.offers import instant_of
from booking.openings.schedule import ONE_DAY, Schedule, day_start, windows_of
from booking.openings.schedules import ScheduleNamed, schedules_of
from core.db import db
from core.errors import NotFound
from therapists.models import Therapist
from therapists.schedule_models import TherapistSchedule

DAYS = 7


@dataclass(frozen=True, slots=True)
class Stretch:
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class ResolvedDay:
    """`hours` is what is left of the date once time off and holidays are gone; `windows` is what begins on it by rule, whole."""

    day: date
    zone: str
    starts_at: datetime
    ends_at: datetime
    is_override: bool
    holiday: str | None
    windows: Sequence[Stretch]
    hours: Sequence[Stretch]
    time_off: Sequence[Stretch]


def resolved_week(therapist_id: int, schedule_id: uuid.UUID, first: date) -> list[ResolvedDay]:
    """Seven dates of a schedule of this therapist, from `first` on; NotFound for anybody else's."""
    rows = select(
        TherapistSchedule.id,
        TherapistSchedule.name,
        TherapistSchedule.zone,
        TherapistSchedule.holiday_country.label("country"),
        TherapistSchedule.holiday_subdivision.label("subdivision"),
        Therapist.zone.label("own_zone"),
    )
    mine = rows.join(Therapist, Therapist.person_id == TherapistSchedule.therapist_id)
    row = db.session.execute(mine.where(TherapistSchedule.therapist_id == therapist_id, TherapistSchedule.public_id == schedule_id)).one_or_none()
    if row is None:
        raise NotFound
    schedule = schedules_of([ScheduleNamed(row.id, row.name, row.zone or row.own_zone, row.country, row.subdivision)])[row.id]
    return [_day(schedule, first + timedelta(days=ahead)) for ahead in range(DAYS)]


def _day(schedule: Schedule, day: date) -> ResolvedDay:
    bounds = (day_start(schedule, day), day_start(schedule, day + ONE_DAY))
    overridden = schedule.is_overridden(day)
    return ResolvedDay(
        day=day,
        zone=schedule.zone_on(day.toordinal()),
        starts_at=instant_of(bounds[0]),
        ends_at=instant_of(bounds[1]),
        is_override=overridden,
        holiday=schedule.holiday(day) if schedule.holiday is not None and not overridden else None,
        windows=_stretches(windows_of(schedule, day, day)),
        hours=_stretches(clip(hours_around(schedule, bounds), bounds)),
        time_off=_stretches(clip(merge(schedule.away), bounds)),
    )


def _stretches(intervals: Sequence[Interval]) -> list[Stretch]:
    return [Stretch(instant_of(start), instant_of(end)) for start, end in intervals]
