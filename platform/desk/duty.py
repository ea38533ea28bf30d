"""When somebody is on duty: weekly hours on the wall clock of their zone. Pure."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

from core.zones import local_date, local_to_utc_seconds

Hours = Sequence[Sequence[int]]  # [weekday, from_minute, to_minute], Monday is 0, to_minute at most 1440
DAY = 24 * 60


def duty_until(hours: Hours, zone: str, at: datetime) -> datetime | None:
    """When the duty that holds at `at` ends; None when there is none. Hours that go on at midnight are one duty."""
    until = _end_of_window(hours, zone, at)
    if until is None:
        return None
    # At most a week: somebody may have said that they are always there.
    while until - at < timedelta(days=7) and (later := _end_of_window(hours, zone, until)) is not None:
        until = later
    return until


def is_current(valid_until: date, zone: str, at: datetime) -> bool:
    """Through its last day in that zone."""
    return local_date(zone, int(at.timestamp())) <= valid_until


def refused_hours(hours: Hours) -> str | None:
    """What is wrong with these hours, or None."""
    for each in hours:
        if len(each) != 3 or not 0 <= each[0] <= 6 or not 0 <= each[1] < each[2] <= DAY:
            return "Give weekday (0 is Monday), from_minute and to_minute of the day, the end after the start, at most 1440."
    return None


def _end_of_window(hours: Hours, zone: str, at: datetime) -> datetime | None:
    seconds = int(at.timestamp())
    day = local_date(zone, seconds)
    for weekday, start, end in hours:
        if weekday == day.weekday() and _instant(zone, day, start) <= seconds < _instant(zone, day, end):
            return datetime.fromtimestamp(_instant(zone, day, end), UTC)
    return None


def _instant(zone: str, day: date, minute: int) -> int:
    if minute == DAY:
        day, minute = day + timedelta(days=1), 0
    return local_to_utc_seconds(zone, day.year, day.month, day.day, minute)
