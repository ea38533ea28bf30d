"""A therapist's schedules: opening one, naming the default, its zone and its travels, its holidays.

Every change locks the therapist's row (`profile.profile_for_edit`), so changes follow each other.
"""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from core.db import db
from core.errors import Conflict, Invalid, NotFound
from therapists.closed import Errors, refuse
from therapists.holiday_calendars import is_calendar
from therapists.models import Service, Therapist
from therapists.profile import touch
from therapists.schedule_models import ScheduleZoneChange, TherapistSchedule
from therapists.statements import replace_rows

MOST_SCHEDULES = 20
MOST_ZONE_CHANGES = 60


class ScheduleInUse(Conflict):
    """`services` holds the ids of the services that use it."""

    code, detail = "schedule_in_use", "Services of yours use this schedule. Give them another one first."


class DefaultScheduleStays(Conflict):
    code, detail = "default_schedule", "This is your default schedule. Make another one the default first."


def schedule_of(therapist: Therapist, public_id: uuid.UUID) -> TherapistSchedule:
    """One schedule of this therapist; NotFound for anybody else's."""
    found = next((schedule for schedule in therapist.schedules if schedule.public_id == public_id), None)
    if found is None:
        raise NotFound
    return found


def add_schedule(therapist: Therapist, *, name: str, zone: str | None = None, holidays: Mapping[str, Any] | None = None, now: datetime) -> TherapistSchedule:
    """A new schedule without hours; services that name it have no openings until it has some. `zone` None is the therapist's own."""
    if len(therapist.schedules) >= MOST_SCHEDULES:
        raise Invalid(code="too_many_schedules", errors={"name": [f"At most {MOST_SCHEDULES} schedules."]})
    schedule = TherapistSchedule(therapist_id=therapist.person_id, name=name, zone=zone, hours=[], overrides=[], zone_changes=[])
    _set_holidays(schedule, holidays)
    therapist.schedules.append(schedule)
    touch(therapist, now=now)
    return schedule


def change_schedule(therapist: Therapist, public_id: uuid.UUID, changes: Mapping[str, Any], *, now: datetime) -> TherapistSchedule:
    """Name, zone, holidays (``{"country", "subdivision"}`` or None), and `is_default`: true makes it the one default."""
    schedule = schedule_of(therapist, public_id)
    for name in ("name", "zone"):
        if name in changes:
            setattr(schedule, name, changes[name])
    if "holidays" in changes:
        _set_holidays(schedule, changes["holidays"])
    if changes.get("is_default") is False and schedule.is_default:
        raise DefaultScheduleStays
    if changes.get("is_default") and not schedule.is_default:
        therapist.default_schedule.is_default = False
        # Two defaults cannot stand beside each other, not even between two statements.
        db.session.flush()
        schedule.is_default = True
    touch(therapist, now=now)
    return schedule


def remove_schedule(therapist: Therapist, public_id: uuid.UUID, *, now: datetime) -> None:
    """Take a schedule away with its hours; DefaultScheduleStays, or ScheduleInUse while a service that can be booked names it."""
    schedule = schedule_of(therapist, public_id)
    if schedule.is_default:
        raise DefaultScheduleStays
    users = db.session.scalars(select(Service).where(Service.schedule_id == schedule.id)).all()
    if active := [str(service.public_id) for service in users if service.active]:
        raise ScheduleInUse(extra={"services": active})
    for service in users:
        service.schedule_id = None
    therapist.schedules.remove(schedule)
    touch(therapist, now=now)


def set_zone_changes(therapist: Therapist, public_id: uuid.UUID, changes: Sequence[Mapping[str, Any]], *, now: datetime) -> TherapistSchedule:
    """All travels, each ``{"day", "zone"}``: from that local date on the schedule lies in that zone."""
    schedule = schedule_of(therapist, public_id)
    errors: Errors = {}
    seen: set[date] = set()
    for index, change in enumerate(changes):
        if change["day"] in seen:
            errors[f"changes.{index}.day"] = ["Given twice."]
        seen.add(change["day"])
    refuse(errors)
    replace_rows(schedule.zone_changes, [ScheduleZoneChange(schedule_id=schedule.id, **change) for change in sorted(changes, key=lambda each: each["day"])])
    touch(therapist, now=now)
    return schedule


def _set_holidays(schedule: TherapistSchedule, holidays: Mapping[str, Any] | None) -> None:
    country, subdivision = (holidays["country"], holidays.get("subdivision")) if holidays else (None, None)
    if country is not None and not is_calendar(country, subdivision):
        raise Invalid(errors={"holidays": ["We have no calendar of this name; see /api/v1/therapist/holiday-calendars."]})
    schedule.holiday_country, schedule.holiday_subdivision = country, subdivision
