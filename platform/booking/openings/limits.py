"""How many sessions, or how many minutes of them, a day, a week or one client may have. Pure.

A session belongs, with all its minutes and without buffers, to the local date of its start. Limits of a service are read on that service's schedule,
limits of a therapist on the therapist's default one. What is over a limit is a set of starts, so listing subtracts it and a look at one start asks
whether it lies inside: both come from `Tally.closed`.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, TypeAlias

from booking.openings.intervals import Interval
from booking.openings.schedule import ONE_DAY, Schedule, date_at, day_start

LimitCode: TypeAlias = Literal["day_limit", "week_limit", "client_limit"]
# Before and after every instant that the engine looks at.
EVER: Interval = (-(1 << 62), 1 << 62)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` sessions or minutes `per` day or week; or, per "gap", sessions of one client at least `most` dates apart.

    `of` says whose limit it is. `week_start` is 0 for Monday to 6.
    """

    of: Literal["therapist", "service", "client"]
    per: Literal["day", "week", "gap"]
    measure: Literal["sessions", "minutes"]
    most: int
    week_start: int = 0

    @property
    def code(self) -> LimitCode:
        """What a start that it keeps out is told."""
        if self.of == "client":
            return "client_limit"
        return "day_limit" if self.per == "day" else "week_limit"


@dataclass(frozen=True, slots=True)
class Tally:
    """A limit, the schedule whose days it is read on, and the sessions (without buffers, UTC seconds) that count towards it."""

    limit: Limit
    schedule: Schedule
    sessions: tuple[Interval, ...]

    def closed(self, minutes: int) -> list[Interval]:
        """Every instant at which a session of this length may not start, as intervals in no order."""
        limit = self.limit
        if limit.per == "gap":
            return [self._seconds(day - (limit.most - 1) * ONE_DAY, 2 * limit.most - 1) for day in self._dates() if limit.most]
        if self._cost(minutes) > limit.most:
            return [EVER]
        days = 1 if limit.per == "day" else 7
        return [self._seconds(first, days) for first, spent in self._spent().items() if spent + self._cost(minutes) > limit.most]

    def spent_at(self, start: int) -> int:
        """How much of the limit is used in the day or week of this start; sessions inside the gap, for a gap."""
        day = date_at(self.schedule, start)
        if self.limit.per == "gap":
            return sum(abs((day - other).days) < self.limit.most for other in self._dates())
        return self._spent()[self._first(day)]

    def refuses(self, start: int, minutes: int) -> bool:
        """Whether it keeps a session of this length from starting then."""
        return any(low <= start < high for low, high in self.closed(minutes))

    def _cost(self, minutes: int) -> int:
        return 1 if self.limit.measure == "sessions" else minutes

    def _dates(self) -> list[date]:
        return [date_at(self.schedule, start) for start, _ in self.sessions]

    def _first(self, day: date) -> date:
        """First date of the day or week that the date belongs to."""
        return day if self.limit.per == "day" else day - timedelta(days=(day.weekday() - self.limit.week_start) % 7)

    def _spent(self) -> Counter[date]:
        spent: Counter[date] = Counter()
        for start, end in self.sessions:
            spent[self._first(date_at(self.schedule, start))] += self._cost((end - start) // 60)
        return spent

    def _seconds(self, first: date, days: int) -> Interval:
        return day_start(self.schedule, first), day_start(self.schedule, first + timedelta(days=days))


def closed_by(tallies: Iterable[Tally], minutes: int) -> list[Interval]:
    """Every instant at which some limit refuses a session of this length."""
    return [interval for tally in tallies for interval in tally.closed(minutes)]


def reached_with(tallies: Iterable[Tally], chosen: Sequence[Interval], start: int, minutes: int) -> list[LimitCode]:
    """Limits that keep a session of this length out once the sessions `chosen` together with it count as well."""
    if not chosen:
        return []
    together = (replace(tally, sessions=(*tally.sessions, *chosen)) for tally in tallies)
    return list(dict.fromkeys(tally.limit.code for tally in together if tally.refuses(start, minutes)))
