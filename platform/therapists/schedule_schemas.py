"""What a therapist sends and reads about schedules, time off and limits."""

from itertools import groupby
from typing import Any

from marshmallow import fields, validate

from core.dates import Day
from core.http import PageQuery, PublicId, Schema, Text, ZoneName, page_schema
from therapists.schedule_models import TherapistSchedule, TimeOff
from therapists.schemas import ChangesHoursSchema, HoursOverrideSchema, WallClock, WeeklyWindowSchema

COUNTRY = validate.Regexp(r"^[A-Z]{2}$")
SUBDIVISION = validate.Regexp(r"^[A-Za-z0-9 -]{1,20}$")
COUNT = validate.Range(1, 1000)
MINUTES = validate.Range(1, 10_080)


class HolidaysSchema(Schema):
    country = fields.String(required=True, validate=COUNTRY)
    subdivision = fields.String(load_default=None, allow_none=True, validate=SUBDIVISION)


class NewScheduleSchema(Schema):
    name = Text(longest=80, required=True)
    zone = ZoneName(allow_none=True, load_default=None, metadata={"description": "null: your own."})
    holidays = fields.Nested(HolidaysSchema, allow_none=True, load_default=None, metadata={"description": "Public holidays of this place are free."})


class ScheduleChangesSchema(ChangesHoursSchema):
    name = Text(longest=80)
    zone = ZoneName(allow_none=True)
    holidays = fields.Nested(HolidaysSchema, allow_none=True)
    is_default = fields.Boolean(truthy={True}, falsy={False}, metadata={"description": "true makes it the default; another one is not any more."})


class ZoneChangeSchema(Schema):
    day = Day(required=True, metadata={"description": "From this local date on."})
    zone = ZoneName(required=True)


class ZoneChangesSchema(ChangesHoursSchema):
    changes = fields.List(fields.Nested(ZoneChangeSchema), required=True, validate=validate.Length(max=60))


class ShownHolidaysSchema(Schema):
    country = fields.String(required=True)
    subdivision = fields.String(required=True, allow_none=True)


class ScheduleSchema(Schema):
    id = PublicId(required=True)
    name = fields.String(required=True)
    is_default = fields.Boolean(required=True)
    zone = fields.String(required=True, allow_none=True, metadata={"description": "null: your own."})
    holidays = fields.Nested(ShownHolidaysSchema, required=True, allow_none=True)
    hours = fields.List(fields.Nested(WeeklyWindowSchema), required=True)
    overrides = fields.List(fields.Nested(HoursOverrideSchema), required=True)
    zone_changes = fields.List(fields.Nested(ZoneChangeSchema), required=True)


class SchedulesSchema(Schema):
    items = fields.List(fields.Nested(ScheduleSchema), required=True)


class HolidayCalendarSchema(Schema):
    country = fields.String(required=True)
    subdivisions = fields.List(fields.String(), required=True)


class HolidayCalendarsSchema(Schema):
    items = fields.List(fields.Nested(HolidayCalendarSchema), required=True)


class TimeOffQuery(PageQuery):
    since = Day(metadata={"description": "What ends on this date or later. Without it: from today on."})


class NewTimeOffSchema(ChangesHoursSchema):
    """Without times whole dates, both included. The reason is yours: nobody else reads it."""

    first_day = Day(required=True)
    last_day = Day(required=True)
    starts = WallClock(data_key="from", attribute="from_minute", allow_none=True, load_default=None)
    ends = WallClock(data_key="to", attribute="to_minute", allow_none=True, load_default=None, end=True)
    schedule_id = PublicId(allow_none=True, load_default=None, metadata={"description": "null: off every schedule."})
    reason = Text(longest=500, empty=True, lines=True, allow_none=True, load_default=None)


class TimeOffSchema(Schema):
    id = PublicId(required=True)
    first_day = Day(required=True)
    last_day = Day(required=True)
    starts = WallClock(data_key="from", attribute="from_minute", required=True)
    ends = WallClock(data_key="to", attribute="to_minute", required=True, end=True)
    schedule_id = PublicId(required=True, allow_none=True)
    reason = fields.String(required=True, allow_none=True)


TimeOffPageSchema = page_schema(TimeOffSchema)


class LimitsSchema(Schema):
    """null: no limit. A session belongs to the local date of its start."""

    day_sessions = fields.Integer(strict=True, required=True, allow_none=True, validate=COUNT)
    day_minutes = fields.Integer(strict=True, required=True, allow_none=True, validate=MINUTES)
    week_sessions = fields.Integer(strict=True, required=True, allow_none=True, validate=COUNT)
    week_minutes = fields.Integer(strict=True, required=True, allow_none=True, validate=MINUTES)
    week_start = fields.Integer(strict=True, required=True, validate=validate.Range(0, 6), metadata={"description": "0 is Monday."})
    count_requests = fields.Boolean(required=True, truthy={True}, falsy={False}, metadata={"description": "Whether unanswered requests count."})


def schedule_json(schedule: TherapistSchedule) -> dict[str, Any]:
    """Needs hours, overrides and zone changes loaded."""
    days = sorted(schedule.overrides, key=lambda row: (row.day, row.from_minute or 0))
    return {
        "id": schedule.public_id,
        "name": schedule.name,
        "is_default": schedule.is_default,
        "zone": schedule.zone,
        "holidays": {"country": schedule.holiday_country, "subdivision": schedule.holiday_subdivision} if schedule.holiday_country else None,
        "hours": sorted(schedule.hours, key=lambda row: (row.weekday, row.from_minute)),
        "overrides": [{"day": day, "windows": [row for row in rows if row.from_minute is not None]} for day, rows in groupby(days, key=lambda row: row.day)],
        "zone_changes": sorted(schedule.zone_changes, key=lambda row: row.day),
    }


def time_off_json(row: TimeOff) -> dict[str, Any]:
    """Needs its schedule loaded. For the therapist alone: the reason is in it."""
    facts = {name: getattr(row, name) for name in ("first_day", "last_day", "from_minute", "to_minute", "reason")}
    return {"id": row.public_id, **facts, "schedule_id": row.schedule.public_id if row.schedule else None}
