"""A time zone as yearly rules, for calendar programs that do not know its name. Pure.

RFC 5545, 3.6.5: one part for every change of the clocks, with a rule such as "last Sunday of March" where the change follows one. Several programs read
rules and no lists of dates, so a change that follows no yearly rule becomes a part of its own that happens once.
"""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from core.zones import DAY, utc_offset, zone

DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# A rule is believed when it holds for so many years around the period asked for.
YEARS_AROUND = 2


@dataclass(frozen=True, slots=True)
class ZonePart:
    """From `wall_start` (read on the wall before the change) on, the wall is `offset_to` seconds ahead of UTC; `rule` is the yearly RRULE, if there is one."""

    wall_start: datetime
    offset_from: int
    offset_to: int
    is_summer: bool
    name: str
    rule: str | None = None


def zone_rules(zone_name: str, first: int, last: int) -> list[ZonePart]:
    """The parts that say every wall time between the two instants (UTC seconds)."""
    years = range(_year(first) - 1, _year(last) + 2)
    around = _changes(zone_name, range(years.start - YEARS_AROUND, years.stop + YEARS_AROUND))
    within = [change for change in around if change[0].year in years]
    if not within:
        offset = utc_offset(zone_name, first)
        return [ZonePart(datetime(1970, 1, 1), offset, offset, is_summer=False, name=_name(zone_name, first))]  # noqa: DTZ001 a wall time
    kinds = sorted({(change[1], change[2], change[0].month) for change in within})
    ruled = [_ruled(zone_name, [change for change in around if (change[1], change[2], change[0].month) == kind]) for kind in kinds]
    if all(part is not None for part in ruled):
        return [part for part in ruled if part is not None]
    return [_once(zone_name, change) for change in within]


def _changes(zone_name: str, years: range) -> list[tuple[datetime, int, int]]:
    """Every change of the clocks in these years: the wall before it, offset before, offset after."""
    at, end = _seconds(years.start), _seconds(years.stop)
    found = []
    while at < end:
        before, after = utc_offset(zone_name, at), utc_offset(zone_name, at + DAY)
        if before != after:
            low, high = at, at + DAY
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if utc_offset(zone_name, middle) == before else (low, middle)
            found.append((datetime.fromtimestamp(high + before, UTC).replace(tzinfo=None), before, after))
        at += DAY
    return found


def _ruled(zone_name: str, changes: Sequence[tuple[datetime, int, int]]) -> ZonePart | None:
    """One part for all of them, when they are one a year on the same kind of day at the same wall time."""
    walls = [wall for wall, _, _ in changes]
    years = [wall.year for wall in walls]
    if years != list(range(years[0], years[0] + len(years))) or len(years) < 2 * YEARS_AROUND + 1:
        return None
    if len({(wall.weekday(), wall.time()) for wall in walls}) > 1:
        return None
    by_day = _by_day(walls)
    if by_day is None:
        return None
    once = _once(zone_name, changes[0])
    return ZonePart(once.wall_start, once.offset_from, once.offset_to, once.is_summer, once.name, f"FREQ=YEARLY;BYMONTH={walls[0].month};{by_day}")


def _by_day(walls: Sequence[datetime]) -> str | None:
    day = DAYS[walls[0].weekday()]
    if all(wall.day + 7 > calendar.monthrange(wall.year, wall.month)[1] for wall in walls):
        return f"BYDAY=-1{day}"
    numbers = {(wall.day - 1) // 7 + 1 for wall in walls}
    if len(numbers) == 1:
        return f"BYDAY={numbers.pop()}{day}"
    # "The first Sunday on or after the second": seven dates of the month, of which exactly one is that weekday.
    low = min(wall.day for wall in walls)
    high = max(wall.day for wall in walls)
    if high - low < 7 and low + 6 <= 28:
        return f"BYDAY={day};BYMONTHDAY={','.join(str(number) for number in range(max(1, high - 6), high + 1))}"
    return None


def _once(zone_name: str, change: tuple[datetime, int, int]) -> ZonePart:
    wall, before, after = change
    at = int(wall.replace(tzinfo=UTC).timestamp()) - before
    summer = datetime.fromtimestamp(at, UTC).astimezone(zone(zone_name)).dst()
    return ZonePart(wall, before, after, bool(summer and summer > timedelta(0)), _name(zone_name, at))


def _name(zone_name: str, at: int) -> str:
    return datetime.fromtimestamp(at, UTC).astimezone(zone(zone_name)).tzname() or ""


def _year(at: int) -> int:
    return datetime.fromtimestamp(at, UTC).year


def _seconds(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp())
