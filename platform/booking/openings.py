"""Which starts are offered, and why another is not: rules → windows → minus busy → openings. Pure, on integer UTC seconds.

Both questions are answered from the same sets, so a start that `openings` lists is one for which `why_not` finds nothing, and the server
re-checks each booking with `why_not`. The sets: the hours (windows minus time off) that must hold the whole session, the busy intervals
that the block (session with its buffers) must miss, and the bounds that lead time and booking window put on a start. The grid comes from
the windows alone: nothing else ever moves it.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias

from booking.intervals import Interval, clip, covers, merge, overlap, subtract
from booking.schedule import Schedule, edge, windows_of
from core.zones import local_date, utc_offset

DAY = 86_400
# No booking window reaches further; also keeps calendar arithmetic on arbitrary input within what dates can express.
HORIZON_DAYS = 1826
LONGEST_BUFFER = 720  # minutes

Obstacle: TypeAlias = Literal["past", "too_soon", "too_far", "out_of_hours", "time_off", "off_grid", "busy", "client_busy"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a service asks of a start. Minutes, except `lead_seconds`.

    `step` defaults to the length without buffers. `align` is "window" (every `step` of elapsed time from the window's start) or "hour"
    (wall-clock minutes of the day that are multiples of `step`). `days_ahead` counts local days after today, all of the last one included;
    None is the horizon.
    """

    minutes: int
    before: int = 0
    after: int = 0
    step: int | None = None
    align: Literal["window", "hour"] = "window"
    lead_seconds: int = 0
    days_ahead: int | None = None

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= 1440:
            raise ValueError("a session lasts between one minute and 24 hours")
        if not (0 <= self.before <= LONGEST_BUFFER and 0 <= self.after <= LONGEST_BUFFER):
            raise ValueError("a buffer lasts up to twelve hours")
        if self.lead_seconds < 0:
            raise ValueError("lead time cannot be negative")
        if self.days_ahead is not None and not 0 <= self.days_ahead <= HORIZON_DAYS:
            raise ValueError(f"a booking window ends between today and {HORIZON_DAYS} days ahead")
        if self.step is not None and not 0 < self.step <= 1440:
            raise ValueError("a step is between one minute and 24 hours")
        if self.align == "hour" and 60 % self.step_minutes and self.step_minutes % 60:
            raise ValueError("aligned to the hour, a step divides 60 or is a multiple of 60")

    @property
    def step_minutes(self) -> int:
        """Minutes from one grid start to the next."""
        return self.step or self.minutes

    def session(self, start: int) -> Interval:
        """The session itself, without buffers."""
        return start, start + self.minutes * 60

    def block(self, start: int) -> Interval:
        """What the session takes of the therapist's time: buffers included."""
        return start - self.before * 60, start + (self.minutes + self.after) * 60


@dataclass(frozen=True, slots=True)
class Grid:
    """The starts `anchor + k * step` that lie in [low, high)."""

    anchor: int
    step: int
    low: int
    high: int

    def starts(self, low: int, high: int) -> range:
        """Its starts that also lie in [low, high)."""
        low, high = max(low, self.low), min(high, self.high)
        return range(low + (self.anchor - low) % self.step, high, self.step)


def openings(schedule: Schedule, terms: Terms, *, busy: Iterable[Interval], now: int, within: Interval, client_busy: Iterable[Interval] = ()) -> list[int]:
    """Starts offered in the half-open range `within`, rising, each once.

    `busy` holds the therapist's stored blocks (each with its own buffers) and outside busy time (without): the candidate's block must miss
    both alike. `client_busy` holds the client's own time, which only the session itself must miss. `now` is rounded up to a whole second by
    the caller.
    """
    low, high = max(within[0], now + terms.lead_seconds), min(within[1], booking_window_end(schedule, terms, now=now))
    if low >= high:
        return []
    windows = _windows_around(schedule, (low, high + terms.minutes * 60))
    free = _free_starts(schedule, terms, windows, busy=busy, client_busy=client_busy)
    possible = clip(free, (low, high))
    found: list[int] = []
    for grid in _grids(schedule, terms, windows):
        for start, end in _reached_by(grid, possible):
            found.extend(grid.starts(start, end))
    return sorted(set(found))


def why_not(start: int, schedule: Schedule, terms: Terms, *, busy: Iterable[Interval], now: int, client_busy: Iterable[Interval] = ()) -> list[Obstacle]:
    """Every rule that keeps this start from being offered; empty exactly when `openings` would list it.

    `past` stands instead of `too_soon`; `time_off` instead of `out_of_hours` when the working hours alone would have held the session;
    `off_grid` is said of a start that lies within working hours, or that is not a whole minute.
    """
    if abs(start - now) > (HORIZON_DAYS + 2) * DAY:
        return ["past" if start < now else "too_far"]
    session, block = terms.session(start), terms.block(start)
    windows = _windows_around(schedule, session)
    found: list[Obstacle] = []
    if start < now:
        found.append("past")
    elif start < now + terms.lead_seconds:
        found.append("too_soon")
    if start >= booking_window_end(schedule, terms, now=now):
        found.append("too_far")
    if not covers(windows, session):
        found.append("out_of_hours")
    elif any(overlap(session, off) for off in schedule.time_off):
        found.append("time_off")
    inside = any(low <= start < high for low, high in windows)
    if start % 60 or (inside and not any(grid.starts(start, start + 1) for grid in _grids(schedule, terms, windows))):
        found.append("off_grid")
    if any(overlap(block, taken) for taken in busy):
        found.append("busy")
    if any(overlap(session, taken) for taken in client_busy):
        found.append("client_busy")
    return found


def booking_window_end(schedule: Schedule, terms: Terms, *, now: int) -> int:
    """First instant too far ahead: 00:00 after local day today + `days_ahead`, in the schedule's zone."""
    days = HORIZON_DAYS if terms.days_ahead is None else terms.days_ahead
    return edge(schedule.zone, local_date(schedule.zone, now) + timedelta(days=days + 1), 0)


def _windows_around(schedule: Schedule, reach: Interval) -> list[Interval]:
    """Windows that may hold any of `reach`: those that begin up to two dates before it or on one of its dates."""
    first = local_date(schedule.zone, reach[0]) - timedelta(days=2)
    return windows_of(schedule, first, local_date(schedule.zone, reach[1]))


def _free_starts(schedule: Schedule, terms: Terms, windows: list[Interval], *, busy: Iterable[Interval], client_busy: Iterable[Interval]) -> list[Interval]:
    """Every second, on the grid or not, at which a session could start: hours shrunk by its length, busy time grown by its block."""
    length, before, after = terms.minutes * 60, terms.before * 60, terms.after * 60
    hours = subtract(windows, schedule.time_off)
    fitting = merge((low, high - length + 1) for low, high in hours)
    refused = [(low - length - after + 1, high + before) for low, high in busy if low < high]
    refused += [(low - length + 1, high) for low, high in client_busy if low < high]
    return subtract(fitting, refused)


def _reached_by(grid: Grid, possible: list[Interval]) -> Iterator[Interval]:
    """Members of a sorted disjoint list that overlap the grid's range."""
    index = max(0, bisect_right(possible, (grid.low, grid.low)) - 1)
    while index < len(possible) and possible[index][0] < grid.high:
        yield possible[index]
        index += 1


def _grids(schedule: Schedule, terms: Terms, windows: list[Interval]) -> Iterator[Grid]:
    step = terms.step_minutes * 60
    for low, high in windows:
        if terms.align == "window":
            yield Grid(anchor=low, step=step, low=low, high=high)
        else:
            yield from _hour_grids(schedule.zone, step, low, high)


def _hour_grids(zone: str, step: int, low: int, high: int) -> Iterator[Grid]:
    """One grid for each stretch of a window in which the offset and the local date stay the same; its anchor is the stretch's local
    midnight.
    """
    while low < high:
        offset = utc_offset(zone, low)
        midnight = (low + offset) // DAY * DAY - offset
        end = _offset_until(zone, low, min(high, midnight + DAY), offset)
        yield Grid(anchor=midnight, step=step, low=low, high=end)
        low = end


def _offset_until(zone: str, low: int, high: int, offset: int) -> int:
    """Where in (low, high] the offset in force at `low` ends; a stretch of a day holds at most one change of clocks."""
    if utc_offset(zone, high - 1) == offset:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if utc_offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high
