"""Which starts are offered, and why another is not: rules → windows → minus busy → limits → openings. Pure, on integer UTC seconds.

Both questions are answered from the same sets, so a start that `openings` lists is one for which `why_not` finds nothing, and the server
re-checks each booking with `why_not`. The sets: the hours (windows minus time off and holidays) that must hold the whole session, the busy intervals
that the block (session with its buffers) must miss, the starts that limits close, and the bounds that lead time and booking window put on a start.
The grid comes from the windows alone: nothing else ever moves it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, TypeAlias

from booking.openings.grids import grid_starts, kept_grid_starts, starts_in
from booking.openings.intervals import Interval, covers, cut, merge, overlap
from booking.openings.limits import EVER, Tally, closed_by
from booking.openings.schedule import ONE_DAY, Schedule, date_at, day_start, holidays_between, zoned_windows

DAY = 86_400
# No booking window reaches further; also keeps calendar arithmetic on arbitrary input within what dates can express.
HORIZON_DAYS = 1826
LONGEST_BUFFER = 720  # minutes

Obstacle: TypeAlias = Literal[
    "past",
    "too_soon",
    "not_yet_open",
    "too_far",
    "no_such_time",
    "out_of_hours",
    "time_off",
    "holiday",
    "off_grid",
    "busy",
    "client_busy",
    "day_limit",
    "week_limit",
    "client_limit",
]
Window: TypeAlias = tuple[int, int, str]
LIMITS: frozenset[Obstacle] = frozenset({"day_limit", "week_limit", "client_limit"})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a service asks of a start. Minutes, except `lead_seconds`.

    `step` defaults to the length without buffers. `align` is "window" (every `step` of elapsed time from the window's start) or "hour"
    (wall-clock minutes of the day that are multiples of `step`). `days_ahead` counts local days after today, all of the last one included;
    None is the horizon. `first_day` and `last_day` are a range of local dates, both included, outside of which nothing is offered;
    `until` is the first second (UTC) that is too late, whatever else says otherwise.
    """

    minutes: int
    before: int = 0
    after: int = 0
    step: int | None = None
    align: Literal["window", "hour"] = "window"
    lead_seconds: int = 0
    days_ahead: int | None = None
    first_day: date | None = None
    last_day: date | None = None
    until: int | None = None

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
class Resource:
    """Something else that a session needs, such as a room: its hours must hold the session, and the block must miss what it is taken for."""

    schedule: Schedule
    busy: tuple[Interval, ...] = ()


def openings(
    schedule: Schedule,
    terms: Terms,
    *,
    busy: Iterable[Interval],
    now: int,
    within: Interval,
    client_busy: Iterable[Interval] = (),
    tallies: Iterable[Tally] = (),
    also: Iterable[Resource] = (),
) -> list[int]:
    """Starts offered in the half-open range `within`, rising, each once.

    `busy` holds the therapist's stored blocks (each with its own buffers) and outside busy time (without): the candidate's block must miss
    both alike. `client_busy` holds the client's own time, which only the session itself must miss. `now` is rounded up to a whole second by
    the caller. `also` holds what else has to be free; the grid stays the schedule's own.
    """
    opens, closes = booking_window(schedule, terms, now=now)
    low, high = max(within[0], now + terms.lead_seconds, opens), min(within[1], closes)
    if low >= high:
        return []
    length = terms.minutes * 60
    windows = _windows_around(schedule, (low, high + length))
    before, reach = terms.before * 60, length + terms.after * 60 - 1
    refused = [(start - reach, end + before) for start, end in busy if start < end]
    refused += [(start - length + 1, end) for start, end in client_busy if start < end]
    refused += closed_by(tallies, terms.minutes)
    for resource in also:
        refused += [(start - reach, end + before) for start, end in resource.busy if start < end]
        refused += cut([(low, high)], _fitting(resource.schedule, (low, high), length))
    refused.sort()
    fitting = _fitting(schedule, (low, high), length, windows=windows)
    return starts_in(cut(fitting, refused), kept_grid_starts(tuple(windows), terms.step_minutes * 60, terms.align))


def why_not(
    start: int,
    schedule: Schedule,
    terms: Terms,
    *,
    busy: Iterable[Interval],
    now: int,
    client_busy: Iterable[Interval] = (),
    tallies: Iterable[Tally] = (),
    also: Iterable[Resource] = (),
) -> list[Obstacle]:
    """Every rule that keeps this start from being offered; empty exactly when `openings` would list it.

    `past` stands instead of `too_soon`; `time_off` and `holiday` instead of `out_of_hours` when the working hours alone would have held the session;
    `off_grid` is said of a start that lies within working hours, or that is not a whole minute.
    """
    if abs(start - now) > (HORIZON_DAYS + 2) * DAY:
        return ["past" if start < now else "too_far"]
    session, block, rooms = terms.session(start), terms.block(start), list(also)
    windows = _windows_around(schedule, session)
    opens, closes = booking_window(schedule, terms, now=now)
    inside = any(low <= start < high for low, high, _ in windows)
    on_grid = start in grid_starts(windows, terms.step_minutes * 60, terms.align)
    held = covers([(low, high) for low, high, _ in windows], session)
    said: list[tuple[Obstacle, bool]] = [
        ("past", start < now),
        ("too_soon", now <= start < now + terms.lead_seconds),
        ("not_yet_open", start < opens),
        ("too_far", start >= closes),
        ("out_of_hours", not held or any(not covers(hours_around(each.schedule, session), session) for each in rooms)),
        ("time_off", held and any(overlap(session, off) for off in schedule.away)),
        ("holiday", held and any(overlap(session, off) for off, _ in _holidays_around(schedule, session))),
        ("off_grid", bool(start % 60) or (inside and not on_grid)),
        ("busy", any(overlap(block, taken) for taken in busy) or any(overlap(block, taken) for each in rooms for taken in each.busy)),
        ("client_busy", any(overlap(session, taken) for taken in client_busy)),
    ]
    over = [tally.limit.code for tally in tallies if tally.refuses(start, terms.minutes)]
    return [obstacle for obstacle, stands in said if stands] + list(dict.fromkeys(over))


def booking_window(schedule: Schedule, terms: Terms, *, now: int) -> Interval:
    """First instant that may be booked by its date, and first that is too far ahead: 00:00 after local day today + `days_ahead`, or after the
    last day of the range, in the schedule's zone.
    """
    today = date_at(schedule, now)
    last = today + timedelta(days=HORIZON_DAYS if terms.days_ahead is None else terms.days_ahead)
    if terms.last_day is not None:
        last = min(last, _reckonable(terms.last_day, today))
    opens = EVER[0] if terms.first_day is None else day_start(schedule, _reckonable(terms.first_day, today))
    closes = day_start(schedule, last + ONE_DAY)
    return opens, closes if terms.until is None else min(closes, terms.until)


def _reckonable(day: date, today: date) -> date:
    """The same date; one beyond the horizon on either side as the horizon, behind which nothing is asked for."""
    reach = timedelta(days=HORIZON_DAYS + 3)
    return min(max(day, today - reach), today + reach)


def hours_around(schedule: Schedule, reach: Interval, *, windows: Sequence[Window] | None = None) -> list[Interval]:
    """Working hours that may hold any of `reach`, without time off and holidays, merged."""
    off = [*schedule.away, *(seconds for seconds, _ in _holidays_around(schedule, reach))]
    hours = _merged(tuple(_windows_around(schedule, reach) if windows is None else windows))
    return cut(hours, sorted(off)) if off else hours


@lru_cache(maxsize=1024)
def _merged(windows: tuple[Window, ...]) -> list[Interval]:
    return merge((low, high) for low, high, _ in windows)


def _fitting(schedule: Schedule, reach: Interval, length: int, *, windows: Sequence[Window] | None = None) -> list[Interval]:
    """Every second inside `reach`, on the grid or not, at which a session of this length (seconds) lies wholly in the hours."""
    hours = hours_around(schedule, (reach[0], reach[1] + length), windows=windows)
    low, high = reach
    return [
        (start if start > low else low, end if end < high else high)
        for start, end in [(start, end - length + 1) for start, end in hours]
        if start < end and start < high and end > low
    ]


def _windows_around(schedule: Schedule, reach: Interval) -> Sequence[Window]:
    """Windows that may hold any of `reach`: those that begin up to two dates before it or on one of its dates."""
    return zoned_windows(schedule, date_at(schedule, reach[0]) - 2 * ONE_DAY, _last_date(schedule, reach))


def _holidays_around(schedule: Schedule, reach: Interval) -> list[tuple[Interval, str]]:
    return holidays_between(schedule, date_at(schedule, reach[0]) - ONE_DAY, _last_date(schedule, reach)) if schedule.holiday else []


def _last_date(schedule: Schedule, reach: Interval) -> date:
    last = date_at(schedule, reach[1])
    # Where the schedule travels westward or eastward, a window may begin before its own date does.
    return last + ONE_DAY if schedule.zone_changes else last
