"""A therapist's schedules, time off and limits."""

import uuid
from typing import Any

from core.access import allow, caller, role
from core.clock import now
from core.http import Blueprint
from core.zones import local_date
from therapists import hours, limits, profile, schedules, schemas, time_off
from therapists.holiday_calendars import calendars
from therapists.hours_changing import changes_hours
from therapists.models import Therapist
from therapists.schedule_models import TherapistLimits, TherapistSchedule
from therapists.schedule_schemas import (
    HolidayCalendarsSchema,
    LimitsSchema,
    NewScheduleSchema,
    NewTimeOffSchema,
    ScheduleChangesSchema,
    ScheduleSchema,
    SchedulesSchema,
    TimeOffPageSchema,
    TimeOffQuery,
    TimeOffSchema,
    ZoneChangesSchema,
    schedule_json,
    time_off_json,
)

blueprint = Blueprint("schedules", __name__, url_prefix="/api/v1/therapist", description="A therapist's schedules, time off and limits")
therapist_only = role("therapist")
Json = dict[str, Any]


def _mine() -> Therapist:
    return profile.profile_for_edit(caller().require_person())


@blueprint.get("/schedules")
@allow(therapist_only)
@blueprint.gives(200, SchedulesSchema)
def list_schedules() -> Json:
    """Your schedules, the oldest first."""
    return {"items": [schedule_json(each) for each in profile.own_profile(caller().require_person()).schedules]}


@blueprint.post("/schedules")
@allow(therapist_only)
@blueprint.takes(NewScheduleSchema)
@blueprint.gives(201, ScheduleSchema)
def add_schedule(body: Json) -> Json:
    """Open another schedule, for services that name it."""
    return schedule_json(schedules.add_schedule(_mine(), **body, now=now()))


@blueprint.get("/schedules/<uuid:schedule_id>")
@allow(therapist_only)
@blueprint.gives(200, ScheduleSchema)
def read_schedule(schedule_id: uuid.UUID) -> Json:
    """One schedule of yours."""
    return schedule_json(schedules.schedule_of(profile.own_profile(caller().require_person()), schedule_id))


@blueprint.patch("/schedules/<uuid:schedule_id>")
@allow(therapist_only)
@blueprint.takes(ScheduleChangesSchema)
@blueprint.gives(200, ScheduleSchema)
@changes_hours()
def change_schedule(body: Json, schedule_id: uuid.UUID) -> Json:
    """Change its name, zone or holidays, or make it the default."""
    return schedule_json(schedules.change_schedule(_mine(), schedule_id, body, now=now()))


@blueprint.delete("/schedules/<uuid:schedule_id>")
@allow(therapist_only)
@blueprint.takes(schemas.ChangesHoursSchema, location="query")
@blueprint.gives(204)
@changes_hours()
def remove_schedule(query: Json, schedule_id: uuid.UUID) -> None:  # noqa: ARG001 what is in it is taken by `changes_hours`
    """Take a schedule away that no service uses."""
    schedules.remove_schedule(_mine(), schedule_id, now=now())


@blueprint.put("/schedules/<uuid:schedule_id>/hours")
@allow(therapist_only)
@blueprint.takes(schemas.WorkingHoursSchema)
@blueprint.gives(200, ScheduleSchema)
@changes_hours()
def set_schedule_hours(body: Json, schedule_id: uuid.UUID) -> Json:
    """Set its week, in its wall time."""
    therapist, schedule = _schedule(schedule_id)
    hours.set_hours(therapist, **body, schedule=schedule, now=now())
    return schedule_json(schedule)


@blueprint.put("/schedules/<uuid:schedule_id>/overrides")
@allow(therapist_only)
@blueprint.takes(schemas.HoursOverridesSchema)
@blueprint.gives(200, ScheduleSchema)
@changes_hours()
def set_schedule_overrides(body: Json, schedule_id: uuid.UUID) -> Json:
    """Set all coming dates that differ from its week. They also beat a holiday."""
    therapist, schedule = _schedule(schedule_id)
    hours.set_overrides(therapist, **body, schedule=schedule, now=now())
    return schedule_json(schedule)


@blueprint.put("/schedules/<uuid:schedule_id>/zone-changes")
@allow(therapist_only)
@blueprint.takes(ZoneChangesSchema)
@blueprint.gives(200, ScheduleSchema)
@changes_hours()
def set_zone_changes(body: Json, schedule_id: uuid.UUID) -> Json:
    """Say from which dates on it lies in another zone: you travel, and keep the same hours on the clock there."""
    return schedule_json(schedules.set_zone_changes(_mine(), schedule_id, body["changes"], now=now()))


@blueprint.get("/holiday-calendars")
@allow(therapist_only)
@blueprint.gives(200, HolidayCalendarsSchema)
def list_holiday_calendars() -> Json:
    """Countries and their parts whose public holidays a schedule can take."""
    return {"items": [{"country": country, "subdivisions": parts} for country, parts in calendars().items()]}


@blueprint.get("/time-off")
@allow(therapist_only)
@blueprint.takes(TimeOffQuery, location="query")
@blueprint.gives(200, TimeOffPageSchema)
def list_time_off(query: Json) -> Json:
    """Your time off, what ends first at the top."""
    therapist = profile.own_profile(caller().require_person())
    since = query.get("since") or local_date(therapist.zone, int(now().timestamp()))
    rows, following = time_off.time_off_of(therapist.person_id, since=since, limit=query["limit"], cursor=query.get("cursor"))
    return {"items": [time_off_json(row) for row in rows], "next": following}


@blueprint.post("/time-off")
@allow(therapist_only)
@blueprint.takes(NewTimeOffSchema)
@blueprint.gives(201, TimeOffSchema)
@changes_hours()
def add_time_off(body: Json) -> Json:
    """Take time off. What is booked then is not overlooked: say what shall become of it."""
    return time_off_json(time_off.add_time_off(_mine(), body, now=now()))


@blueprint.put("/time-off/<uuid:time_off_id>")
@allow(therapist_only)
@blueprint.takes(NewTimeOffSchema)
@blueprint.gives(200, TimeOffSchema)
@changes_hours()
def change_time_off(body: Json, time_off_id: uuid.UUID) -> Json:
    """Change time off, as a whole."""
    return time_off_json(time_off.change_time_off(_mine(), time_off_id, body, now=now()))


@blueprint.delete("/time-off/<uuid:time_off_id>")
@allow(therapist_only)
@blueprint.gives(204)
def remove_time_off(time_off_id: uuid.UUID) -> None:
    """Work then after all."""
    time_off.remove_time_off(_mine(), time_off_id, now=now())


@blueprint.get("/limits")
@allow(therapist_only)
@blueprint.gives(200, LimitsSchema)
def read_limits() -> TherapistLimits:
    """How much you take on in all."""
    return limits.limits_of(profile.own_profile(caller().require_person()).person_id)


@blueprint.put("/limits")
@allow(therapist_only)
@blueprint.takes(LimitsSchema)
@blueprint.gives(200, LimitsSchema)
def set_limits(body: Json) -> TherapistLimits:
    """Set how much you take on in all. What is booked stays booked."""
    return limits.set_limits(_mine(), body, now=now())


def _schedule(schedule_id: uuid.UUID) -> tuple[Therapist, TherapistSchedule]:
    therapist = _mine()
    return therapist, schedules.schedule_of(therapist, schedule_id)
