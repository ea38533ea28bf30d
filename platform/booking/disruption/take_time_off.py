"""Time off between two instants, on the wall clock of each of a therapist's schedules."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from booking.openings.offers import second_of
from booking.openings.schedule import DAY_MINUTES, Schedule, zone_at
from booking.openings.schedules import ScheduleNamed, schedules_of
from core.zones import zone
from therapists.models import Therapist
from therapists.time_off import add_time_off

ONE_DAY = timedelta(days=1)


def take_time_off(therapist: Therapist, start: datetime, end: datetime, *, reason: str, now: datetime) -> None:
    """[start, end) off every schedule: as one row where all of them read the same on their clocks, else as one each. The schedules are loaded."""
    named = [ScheduleNamed(each.id, each.name, each.zone or therapist.zone, None, None) for each in therapist.schedules]
    found = schedules_of(named)
    readings = {each.public_id: _reading(found[each.id], start, end) for each in therapist.schedules}
    first = next(iter(readings.values()))
    everywhere: Mapping[uuid.UUID | None, Mapping[str, Any]] = {None: first}
    for schedule_id, reading in (everywhere if all(each == first for each in readings.values()) else readings).items():
        add_time_off(therapist, {**reading, "schedule_id": schedule_id, "reason": reason}, now=now)


def _reading(schedule: Schedule, start: datetime, end: datetime) -> Mapping[str, Any]:
    first, last = (instant.astimezone(zone(zone_at(schedule, second_of(instant)))) for instant in (start, end))
    closes, last_day = last.hour * 60 + last.minute, last.date()
    if closes == 0:
        closes, last_day = DAY_MINUTES, last_day - ONE_DAY
    return {"first_day": first.date(), "last_day": last_day, "from_minute": first.hour * 60 + first.minute, "to_minute": closes}
