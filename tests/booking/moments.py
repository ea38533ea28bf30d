"""Instants for tests, written as people write them."""

from datetime import UTC, date, datetime

from booking.openings.engine import Terms, openings
from booking.openings.schedule import DateOverride, Schedule, WeeklyRule
from core.zones import day_bounds

LONG_AGO = int(datetime(2026, 12, 1, tzinfo=UTC).timestamp())


def at(text: str) -> int:
    """UTC seconds of ``2027-03-14T07:00`` (read as UTC)."""
    return int(datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=UTC).timestamp())


def shown(start: int) -> str:
    """``2027-03-14T07:00`` for UTC seconds."""
    return datetime.fromtimestamp(start, UTC).isoformat()[:16]


def minute(text: str) -> int:
    """Minute of the day of ``09:30``; ``24:00`` is 1440."""
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def spans(text: str) -> tuple[tuple[int, int], ...]:
    """``09:00-12:00 13:00-17:00`` as pairs of minutes."""
    return tuple((minute(part.split("-")[0]), minute(part.split("-")[1])) for part in text.split())


def works(zone: str, hours: str, *, weekdays: str = "0123456", off: tuple[tuple[int, int], ...] = (), **overrides: str) -> Schedule:
    """A schedule with the same hours on the given weekdays; overrides as d20270618="10:00-11:00"."""
    return Schedule(
        zone=zone,
        weekly=tuple(WeeklyRule(int(day), start, end) for day in weekdays for start, end in spans(hours)),
        overrides=tuple(DateOverride(date.fromisoformat(day[1:]), spans(text)) for day, text in overrides.items()),
        time_off=off,
    )


def listed(schedule: Schedule, terms: Terms, first: str, last: str | None = None, **known: object) -> list[str]:
    """Openings on the local dates from first to last of the schedule's own zone, as short UTC texts."""
    low, high = day_bounds(schedule.zone, date.fromisoformat(first))[0], day_bounds(schedule.zone, date.fromisoformat(last or first))[1]
    facts = {"busy": (), "now": LONG_AGO, "within": (low, high)} | known
    return [shown(start) for start in openings(schedule, terms, **facts)]  # type: ignore[arg-type]
