"""When somebody can be called: weekly windows on the wall clock of their zone. Pure; instants are aware UTC, windows half-open."""

from datetime import UTC, datetime, timedelta

from core.zones import local_date, local_to_utc_seconds
from desk.duty import Hours

# A call needs so much of a window.
LEAST = timedelta(minutes=15)
MOST_WINDOWS = 28


def next_window(windows: Hours, zone: str, at: datetime) -> tuple[datetime, datetime] | None:
    """The window that holds at `at`, else the next one, with at least `LEAST` of it left; None without any in the next eight days.

    Edges are what the wall clock shows on that day, also when the clocks change in between.
    """
    seconds = int(at.timestamp())
    today, found = local_date(zone, seconds), []
    for ahead in range(9):
        day = today + timedelta(days=ahead)
        for weekday, first, last in windows:
            if weekday == day.weekday():
                start, end = (local_to_utc_seconds(zone, day.year, day.month, day.day, minute) for minute in (first, last))
                if end - max(start, seconds) >= LEAST.total_seconds():
                    found.append((start, end))
    return (datetime.fromtimestamp(min(found)[0], UTC), datetime.fromtimestamp(min(found)[1], UTC)) if found else None


def refused_windows(windows: Hours) -> str | None:
    """What is wrong with these windows beyond their shape (`duty.refused_hours`), or None."""
    if any((each[2] - each[1]) * 60 < LEAST.total_seconds() for each in windows):
        return "A time to call has to last at least 15 minutes."
    return None
