"""Working hours: weekly rules and date overrides in local wall time, resolved to windows of UTC seconds. Pure.

Rules of reading, all at once: an end that is not after its start means the next day; every local edge is the first instant at which the
wall clock reads that time or later; windows that begin on one date merge when they overlap or touch, windows of different dates never do;
an override of a date replaces every window that begins on it, with its tail, and cuts the tail that arrives from the day before at 00:00.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from booking.intervals import Interval, merge
from core.zones import known_zone, local_to_utc_seconds

DAY_MINUTES = 1440
ONE_DAY = timedelta(days=1)


def _check_span(minute_from: int, minute_to: int) -> None:
    if not 0 <= minute_from < DAY_MINUTES or not 0 <= minute_to <= DAY_MINUTES:
        raise ValueError("working hours lie between 00:00 and 24:00")
    if minute_from == minute_to:
        raise ValueError("working hours need an end that differs from their start; a whole day is 00:00 to 24:00")


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


@dataclass(frozen=True, slots=True)
class DateOverride:
    """Instead of the weekly rules, exactly these spans (minute_from, minute_to) begin on `day`; none means no work on it."""

    day: date
    spans: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        for minute_from, minute_to in self.spans:
            _check_span(minute_from, minute_to)


@dataclass(frozen=True, slots=True)
class Schedule:
    """When a therapist works, on the wall clock of `zone`. `time_off` is in UTC seconds and beats everything else."""

    zone: str
    weekly: tuple[WeeklyRule, ...] = ()
    overrides: tuple[DateOverride, ...] = ()
    time_off: tuple[Interval, ...] = ()
    _overridden: dict[date, tuple[tuple[int, int], ...]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not known_zone(self.zone):
            raise ValueError(f"unknown time zone: {self.zone[:60]!r}")
        spans_of: dict[date, tuple[tuple[int, int], ...]] = {}
        for override in self.overrides:
            spans_of[override.day] = spans_of.get(override.day, ()) + override.spans
        object.__setattr__(self, "_overridden", spans_of)

    def spans_on(self, day: date) -> Iterable[tuple[int, int]]:
        """Minute spans that begin on the date: those of its override if it has one, else those of its weekday."""
        if day in self._overridden:
            return self._overridden[day]
        return [(rule.minute_from, rule.minute_to) for rule in self.weekly if rule.weekday == day.weekday()]

    def is_overridden(self, day: date) -> bool:
        """Whether the date has an override, be it empty."""
        return day in self._overridden


def edge(zone: str, day: date, minute: int) -> int:
    """UTC second of a local edge: the first instant at which the wall clock reads that minute of that date or later."""
    return local_to_utc_seconds(zone, day.year, day.month, day.day, minute)


def windows_of(schedule: Schedule, first: date, last: date) -> list[Interval]:
    """Windows that begin on the dates `first` to `last`, both included, each date's merged, in the order of their starts.

    Windows of neighbouring dates may overlap (a night that runs into the next morning): each keeps its own start, and so its own grid.
    """
    windows: list[Interval] = []
    day = first
    while day <= last:
        windows.extend(_windows_on(schedule, day))
        day += ONE_DAY
    return windows


def _windows_on(schedule: Schedule, day: date) -> list[Interval]:
    zone = schedule.zone
    spans = [
        (edge(zone, day, minute_from), edge(zone, day, minute_to if minute_to > minute_from else minute_to + DAY_MINUTES))
        for minute_from, minute_to in schedule.spans_on(day)
    ]
    merged = merge(spans)
    following = day + ONE_DAY
    if merged and schedule.is_overridden(following):
        midnight = edge(zone, following, 0)
        merged = [(start, min(end, midnight)) for start, end in merged if start < midnight]
    return merged
