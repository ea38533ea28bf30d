"""Working hours: weekly rules, dates that differ, absences, holidays and travel in local wall time, resolved to windows of UTC seconds. Pure.

Rules of reading, all at once: an end that is not after its start means the next day; every local edge is the first instant at which the
wall clock reads that time or later; windows that begin on one date merge when they overlap or touch, windows of different dates never do;
an override of a date replaces every window that begins on it, with its tail, and cuts the tail that arrives from the day before at 00:00.
A window lies wholly in the zone of the date it begins on. Local days partition time: each ends where the next begins, each in the zone that is
valid for its own date, so that a day of travel may last 18 or 30 hours. Absences and holidays take hours away and move no window; a holiday takes
the hours of its own date, unless that date has an override.
"""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from typing import TypeAlias

from booking.openings.intervals import Interval, merge
from core.zones import EPOCH_ORDINAL, known_zone, local_date, local_to_utc_seconds, steady_offset, utc_offset

DAY = 86_400
DAY_MINUTES = 1440
ONE_DAY = timedelta(days=1)

Span: TypeAlias = tuple[int, int]
NameOfHoliday: TypeAlias = Callable[[date], str | None]


def _check_span(minute_from: int, minute_to: int) -> None:
    if not 0 <= minute_from < DAY_MINUTES or not 0 <= minute_to <= DAY_MINUTES:
        raise ValueError("working hours lie between 00:00 and 24:00")
    if minute_from == minute_to:
        raise ValueError("working hours need an end that differs from their start; a whole day is 00:00 to 24:00")


def _spans(given: Iterable[Span]) -> tuple[Span, ...]:
    """Merged, and with ends of the next day counted on: 22:00–02:00 is (1320, 1560)."""
    return tuple(merge((start, end if end > start else end + DAY_MINUTES) for start, end in given))


@dataclass(frozen=True, slots=True)
class WeeklyRule:
    """Work on one weekday (Monday is 0) between two wall-clock minutes of the day; 1440 is 24:00, and an end before its start is on the
    next day.
    """

    weekday: int
    minute_from: int
    minute_to: int

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise ValueError("weekdays run from 0 (Monday) to 6 (Sunday)")
        _check_span(self.minute_from, self.minute_to)


@lru_cache(maxsize=1024)
def _week_of(rules: tuple[WeeklyRule, ...]) -> tuple[tuple[Span, ...], ...]:
    return tuple(_spans((rule.minute_from, rule.minute_to) for rule in rules if rule.weekday == weekday) for weekday in range(7))


@dataclass(frozen=True, slots=True)
class DateOverride:
    """Instead of the weekly rules, exactly these spans (minute_from, minute_to) begin on `day`; none means no work on it."""

    day: date
    spans: tuple[Span, ...] = ()

    def __post_init__(self) -> None:
        for minute_from, minute_to in self.spans:
            _check_span(minute_from, minute_to)


@dataclass(frozen=True, slots=True)
class Absence:
    """Time off on the wall clock: from a minute of the first date to a minute of the last. Whole dates are 0 to 1440."""

    first: date
    last: date
    minute_from: int = 0
    minute_to: int = DAY_MINUTES


@dataclass(frozen=True, slots=True)
class ZoneChange:
    """From this date on the schedule lies in another zone."""

    day: date
    zone: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a therapist works, on the wall clock of `zone` and of the zones that follow it.

    `time_off` is in UTC seconds, `absences` on the wall clock: both beat everything else. `holiday` names the holiday of a date, if it is one.
    """

    zone: str
    weekly: tuple[WeeklyRule, ...] = ()
    overrides: tuple[DateOverride, ...] = ()
    time_off: tuple[Interval, ...] = ()
    absences: tuple[Absence, ...] = ()
    zone_changes: tuple[ZoneChange, ...] = ()
    holiday: NameOfHoliday | None = None
    _week: tuple[tuple[Span, ...], ...] = field(init=False, repr=False, compare=False)
    _overridden: dict[int, tuple[Span, ...]] = field(init=False, repr=False, compare=False)
    _changed_on: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _zones: tuple[str, ...] = field(init=False, repr=False, compare=False)
    _away: tuple[Interval, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        changes = sorted(self.zone_changes, key=lambda change: change.day)
        zones = (self.zone, *(change.zone for change in changes))
        for name in zones:
            if not known_zone(name):
                raise ValueError(f"unknown time zone: {name[:60]!r}")
        by_day: dict[int, tuple[Span, ...]] = {}
        for override in self.overrides:
            by_day[override.day.toordinal()] = by_day.get(override.day.toordinal(), ()) + override.spans
        settle = object.__setattr__
        settle(self, "_week", _week_of(self.weekly))
        settle(self, "_overridden", {day: _spans(spans) for day, spans in by_day.items()})
        settle(self, "_changed_on", tuple(change.day.toordinal() for change in changes))
        settle(self, "_zones", zones)
        settle(self, "_away", tuple(merge([*self.time_off, *(resolved(self, absence) for absence in self.absences)])))

    def zone_on(self, ordinal: int) -> str:
        """The zone in which a local date (its ordinal) lies."""
        return self._zones[bisect_right(self._changed_on, ordinal)] if self._changed_on else self.zone

    def spans_on(self, ordinal: int) -> tuple[Span, ...]:
        """Minute spans that begin on the date, merged: those of its override if it has one, else those of its weekday."""
        spans = self._overridden.get(ordinal) if self._overridden else None
        return self._week[(ordinal - 1) % 7] if spans is None else spans

    def is_overridden(self, day: date) -> bool:
        """Whether the date has an override, be it empty."""
        return day.toordinal() in self._overridden

    @property
    def away(self) -> tuple[Interval, ...]:
        """All time off in UTC seconds, merged; no holidays."""
        return self._away

    @property
    def zones(self) -> tuple[str, ...]:
        """Every zone it lies in, in the order of the dates."""
        return self._zones


def edge(zone: str, day: date, minute: int) -> int:
    """UTC second of a local edge: the first instant at which the wall clock reads that minute of that date or later."""
    return local_to_utc_seconds(zone, day.year, day.month, day.day, minute)


def day_start(schedule: Schedule, day: date) -> int:
    """First second of a local date, in the zone that is valid for it."""
    return edge(schedule.zone_on(day.toordinal()), day, 0)


def resolved(schedule: Schedule, absence: Absence) -> Interval:
    """The seconds of an absence, each edge in the zone that is valid for its date."""
    start = edge(schedule.zone_on(absence.first.toordinal()), absence.first, absence.minute_from)
    if absence.minute_to == DAY_MINUTES:
        return start, day_start(schedule, absence.last + ONE_DAY)
    return start, edge(schedule.zone_on(absence.last.toordinal()), absence.last, absence.minute_to)


def date_at(schedule: Schedule, at: int) -> date:
    """The local date to which an instant belongs: the last one that has begun."""
    if not schedule.zone_changes:
        offset = steady_offset(schedule.zone, at // DAY + EPOCH_ORDINAL)
        if offset is not None:
            return date.fromordinal((at + offset) // DAY + EPOCH_ORDINAL)
    day = max(local_date(zone, at) for zone in schedule.zones) + ONE_DAY
    while day_start(schedule, day) > at:
        day -= ONE_DAY
    return day


def zone_at(schedule: Schedule, at: int) -> str:
    """The zone in which the schedule lies at an instant."""
    return schedule.zone_on(date_at(schedule, at).toordinal())


def windows_of(schedule: Schedule, first: date, last: date) -> list[Interval]:
    """Windows that begin on the dates `first` to `last`, both included, each date's merged, in the order of their starts.

    Windows of neighbouring dates may overlap (a night that runs into the next morning): each keeps its own start, and so its own grid.
    """
    return [(start, end) for start, end, _ in zoned_windows(schedule, first, last)]


def zoned_windows(schedule: Schedule, first: date, last: date) -> Sequence[tuple[int, int, str]]:
    """The same, each with the zone it lies in."""
    zone, overridden = schedule.zone, schedule._overridden  # noqa: SLF001 its own file
    if not overridden and not schedule.zone_changes:
        return _weekly_windows(zone, schedule._week, first.toordinal(), last.toordinal())  # noqa: SLF001 its own file
    windows: list[tuple[int, int, str]] = []
    for ordinal in range(first.toordinal(), last.toordinal() + 1):
        spans = schedule.spans_on(ordinal)
        if not spans:
            continue
        if schedule.zone_changes:
            zone = schedule.zone_on(ordinal)
        found = _resolved_on(zone, ordinal, spans)
        if overridden and ordinal + 1 in overridden:
            midnight = day_start(schedule, date.fromordinal(ordinal + 1))
            found = [(start, min(end, midnight)) for start, end in found if start < midnight]
        windows += [(start, end, zone) for start, end in found]
    return sorted(windows) if schedule.zone_changes else windows


@lru_cache(maxsize=1024)
def _weekly_windows(zone: str, week: tuple[tuple[Span, ...], ...], first: int, last: int) -> Sequence[tuple[int, int, str]]:
    """Windows of a plain week, which many schedules and most requests share."""
    return tuple((start, end, zone) for day in range(first, last + 1) for start, end in _resolved_on(zone, day, week[(day - 1) % 7]))


def _resolved_on(zone: str, ordinal: int, spans: Iterable[Span]) -> list[Interval]:
    offset = steady_offset(zone, ordinal)
    if offset is not None:
        midnight = (ordinal - EPOCH_ORDINAL) * DAY - offset
        return [(midnight + start * 60, midnight + end * 60) for start, end in spans]
    day = date.fromordinal(ordinal)
    return merge((edge(zone, day, start), edge(zone, day, end)) for start, end in spans)


def holidays_between(schedule: Schedule, first: date, last: date) -> list[tuple[Interval, str]]:
    """Each holiday from `first` to `last`, as the seconds of its date and its name; a date with an override is none."""
    if schedule.holiday is None:
        return []
    days = (first + timedelta(days=ahead) for ahead in range((last - first).days + 1))
    return [
        ((day_start(schedule, day), day_start(schedule, day + ONE_DAY)), name)
        for day in days
        if not schedule.is_overridden(day) and (name := schedule.holiday(day)) is not None
    ]


def at_wall(schedule: Schedule, day: date, minute: int) -> int | None:
    """The second at which the wall clock reads that minute of that date, its first occurrence; None where the clocks skip it."""
    zone = schedule.zone_on(day.toordinal())
    at = edge(zone, day, minute)
    return at if (at + utc_offset(zone, at)) % DAY == minute * 60 else None
