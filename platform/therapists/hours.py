"""Working hours of a schedule: a week in local wall time, and dates that differ. How they become openings is booking's.

A window is (from, to) in minutes of the day; 1440 is 24:00, and an end at or before its start lies on the next day.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from core.zones import local_date
from therapists.closed import Errors, refuse
from therapists.models import Therapist
from therapists.profile import touch
from therapists.schedule_models import HoursOverride, TherapistSchedule, WorkingHours
from therapists.statements import replace_rows

DAY = 1440
FURTHEST = timedelta(days=1830)


def set_hours(therapist: Therapist, windows: Sequence[Mapping[str, int]], *, now: datetime, schedule: TherapistSchedule | None = None) -> Therapist:
    """The whole week, each ``{"weekday", "from_minute", "to_minute"}``, of a schedule of theirs (the default one). Windows that begin on one weekday do
    not overlap.
    """
    schedule = schedule or therapist.default_schedule
    by_weekday: dict[int, list[tuple[int, int]]] = {}
    errors: Errors = {}
    for index, window in enumerate(windows):
        earlier = by_weekday.setdefault(window["weekday"], [])
        errors.update(_window_errors(f"windows.{index}", (window["from_minute"], window["to_minute"]), earlier))
        earlier.append((window["from_minute"], window["to_minute"]))
    refuse(errors)
    replace_rows(schedule.hours, [WorkingHours(schedule_id=schedule.id, **window) for window in windows])
    return touch(therapist, now=now)


def set_overrides(therapist: Therapist, days: Sequence[Mapping[str, Any]], *, now: datetime, schedule: TherapistSchedule | None = None) -> Therapist:
    """All dates from today on that differ, each ``{"day", "windows"}``; no windows means no work on that date. Past ones stay as they are."""
    schedule = schedule or therapist.default_schedule
    today = local_date(schedule.zone or therapist.zone, int(now.timestamp()))
    errors: Errors = {}
    seen: set[date] = set()
    rows: list[HoursOverride] = []
    for index, each in enumerate(days):
        errors.update(_day_errors(f"days.{index}", each["day"], today, seen))
        seen.add(each["day"])
        earlier: list[tuple[int, int]] = []
        for position, window in enumerate(each["windows"]):
            span = (window["from_minute"], window["to_minute"])
            errors.update(_window_errors(f"days.{index}.windows.{position}", span, earlier))
            earlier.append(span)
        spans: list[tuple[int, int] | tuple[None, None]] = [*earlier] or [(None, None)]
        rows.extend(HoursOverride(schedule_id=schedule.id, day=each["day"], from_minute=start, to_minute=end) for start, end in spans)
    refuse(errors)
    schedule.overrides = [*(override for override in schedule.overrides if override.day < today), *rows]
    return touch(therapist, now=now)


def _day_errors(field: str, day: date, today: date, seen: set[date]) -> Errors:
    if day < today:
        return {f"{field}.day": ["This date is past."]}
    if day > today + FURTHEST:
        return {f"{field}.day": ["This date is too far away."]}
    if day in seen:
        return {f"{field}.day": ["Given twice."]}
    return {}


def _window_errors(field: str, window: tuple[int, int], earlier: Sequence[tuple[int, int]]) -> Errors:
    start, end = window
    if start == end:
        return {field: ["The end must differ from the start; a whole day is 00:00 to 24:00."]}
    if any(start < _end(other) and other[0] < _end(window) for other in earlier):
        return {field: ["Overlaps another window of the same day."]}
    return {}


def _end(window: tuple[int, int]) -> int:
    return window[1] if window[1] > window[0] else window[1] + DAY
