"""The dates of a series: every so many weeks at one reading of the therapist's wall clock. Pure.

The wall clock rules: an occurrence is 16:00 in the series' zone in every week, whatever instant that is. A week in which the clock skips that reading has no
instant and is said so (`no_such_time`), never left out in silence; a reading that comes twice means its first occurrence. The first date is the start that
was chosen, so it is never moved.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from booking.openings.shifts import clock_shifts
from core.zones import DAY, local_date, local_to_utc_seconds, utc_offset

MOST_OCCURRENCES = 52
# Nothing is agreed for longer than about a year ahead.
REACH = timedelta(days=371)
LONGEST_INTERVAL = 12  # weeks


@dataclass(frozen=True, slots=True)
class Planned:
    """One date of the plan. `start` (UTC seconds) is None where the wall clock never reads that time; `wall` reads ``2027-03-11T16:00``."""

    position: int
    wall: str
    start: int | None


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Every `every_weeks` weeks from `start` (UTC seconds) on, at the wall time that `zone` reads then."""

    start: int
    zone: str
    every_weeks: int

    def __post_init__(self) -> None:
        if not 1 <= self.every_weeks <= LONGEST_INTERVAL:
            raise ValueError(f"a series repeats every 1 to {LONGEST_INTERVAL} weeks")

    @property
    def first_day(self) -> date:
        return local_date(self.zone, self.start)

    @property
    def minute(self) -> int:
        """Of the day, on the wall."""
        return (self.start + utc_offset(self.zone, self.start)) % DAY // 60

    def planned(self, position: int) -> Planned:
        """The date at this position, counted from 1."""
        day = self.first_day + timedelta(weeks=self.every_weeks * (position - 1))
        wall = f"{day.isoformat()}T{self.minute // 60:02}:{self.minute % 60:02}"
        if position == 1:
            return Planned(1, wall, self.start)
        start = local_to_utc_seconds(self.zone, day.year, day.month, day.day, self.minute)
        exists = (start + utc_offset(self.zone, start)) % DAY // 60 == self.minute
        return Planned(position, wall, start if exists else None)

    def plan(self, count: int) -> list[Planned]:
        """The first `count` dates, as far as a series may reach."""
        return [planned for planned, _ in zip(self.dates(), range(count), strict=False)]

    def dates(self) -> Iterator[Planned]:
        """Every date within reach, in order."""
        for position in range(1, MOST_OCCURRENCES + 1):
            if timedelta(weeks=self.every_weeks * (position - 1)) > REACH:
                return
            yield self.planned(position)


def shifted(plan: Sequence[Planned], zone: str) -> dict[int, bool]:
    """By position: whether the clock of `zone` reads another time of day than on the first date. Dates without an instant are missing."""
    there = [(planned.position, planned.start) for planned in plan if planned.start is not None]
    return dict(zip([position for position, _ in there], clock_shifts([start for _, start in there], zone), strict=True)) if there else {}
