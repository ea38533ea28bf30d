"""Time zones at the edges: which names are accepted, and what instant a wall-clock reading means. Pure.

Every local edge is the first instant at which the wall clock reads that time or later: a reading that a change of clocks skips
gives the transition, a reading that happens twice gives its first occurrence. Instants are integer UTC seconds.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.metadata import version
from zoneinfo import ZoneInfo, available_timezones

EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
DAY = 86_400


def tzdata_version() -> str:
    """Version of the pinned zone data, such as ``2026.6``."""
    return version("tzdata")


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(name for name in available_timezones() if name == "UTC" or ("/" in name and not name.startswith("Etc/")))


def known_zone(name: str) -> bool:
    """`UTC`, or an IANA name with a slash outside ``Etc/``; the aliases that browsers send (Asia/Calcutta) are accepted."""
    return name in _names()


@lru_cache(maxsize=700)
def zone(name: str) -> ZoneInfo:
    """The zone of an accepted name; ValueError for any other, before a file is touched."""
    if not known_zone(name):
        raise ValueError(f"unknown time zone: {name[:60]!r}")
    return ZoneInfo(name)


def utc_offset(zone_name: str, at: int) -> int:
    """Seconds that the wall clock of the zone is ahead of UTC at the instant `at`."""
    offset = datetime.fromtimestamp(at, UTC).astimezone(zone(zone_name)).utcoffset()
    assert offset is not None
    return int(offset.total_seconds())


@lru_cache(maxsize=65_536)
def local_to_utc_seconds(zone_name: str, year: int, month: int, day: int, minute_of_day: int = 0) -> int:
    """First instant at which the wall clock in the zone reads that minute of that date or later.

    `minute_of_day` may be 1440 (24:00, the same edge as 00:00 of the next date) or more.
    """
    days, minute = divmod(minute_of_day, 1440)
    wall = (date(year, month, day).toordinal() + days - EPOCH_ORDINAL) * DAY + minute * 60
    return first_instant_reading(zone_name, wall)


def first_instant_reading(zone_name: str, wall: int) -> int:
    """The same for a wall reading given as seconds since 1970-01-01T00:00 on that wall."""
    # The offsets in force a day before and a day after bracket any single transition around the reading.
    before, after = utc_offset(zone_name, wall - DAY), utc_offset(zone_name, wall + DAY)
    candidates = sorted({wall - before, wall - after})
    for instant in candidates:
        if instant + utc_offset(zone_name, instant) == wall:
            return instant
    return _transition_between(zone_name, candidates[0] - DAY, candidates[-1] + DAY, wall)


@lru_cache(maxsize=65_536)
def _offset_at_noon(zone_name: str, day: int) -> int:
    return utc_offset(zone_name, day * DAY + DAY // 2)


@lru_cache(maxsize=65_536)
def steady_offset(zone_name: str, ordinal: int) -> int | None:
    """The offset in force all through the local date of this ordinal and the date after it; None where a change of clocks is near.

    With it an edge is one addition; without it, ask `local_to_utc_seconds`.
    """
    day = ordinal - EPOCH_ORDINAL
    offset = _offset_at_noon(zone_name, day)
    # These noons enclose every instant of both dates in every zone; no zone changes its clocks there and back within a day.
    return offset if all(_offset_at_noon(zone_name, day + near) == offset for near in (-2, -1, 1, 2, 3)) else None


def _transition_between(zone_name: str, low: int, high: int, wall: int) -> int:
    """The reading falls into a gap: bisect for the first second whose wall reading is at or past it."""
    while low < high:
        middle = (low + high) // 2
        if middle + utc_offset(zone_name, middle) >= wall:
            high = middle
        else:
            low = middle + 1
    return low


@lru_cache(maxsize=4_096)
def local_date(zone_name: str, at: int) -> date:
    """The date that the wall shows at the instant `at`."""
    return date.fromordinal((at + utc_offset(zone_name, at)) // DAY + EPOCH_ORDINAL)


def day_bounds(zone_name: str, day: date) -> tuple[int, int]:
    """[first instant, first instant of the next day) of a local date; may last 23, 23.5 or 25 hours."""
    following = day + timedelta(days=1)
    return (
        local_to_utc_seconds(zone_name, day.year, day.month, day.day),
        local_to_utc_seconds(zone_name, following.year, following.month, following.day),
    )
