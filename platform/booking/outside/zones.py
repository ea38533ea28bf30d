"""Which clock a TZID of a stranger's calendar means. Pure; instants are UTC seconds, wall times naive datetimes.

In this order: a name of the IANA database, also behind a vendor's prefix (``/mozilla.org/20070129_1/Europe/Berlin``); a Windows name, by CLDR's table as
icalendar carries it; the VTIMEZONE that the file gives. A known name beats the file's own rules, because those are often older than our zone data.
Nothing of these: None, and the caller uses the owner's zone and says so. Never UTC in silence.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from booking.openings.intervals import Interval
from booking.outside.calendar_lines import Component
from booking.outside.recurrence import RuleUnreadable, TooManyInstances, occurrences

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 a wall reading, of no zone
DAY = 86_400
OFFSET = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?")
ESCAPED = re.compile(r"\\(.)")
WALL = re.compile(r"(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2}))?")
EARLIEST, LATEST = -62_000_000_000, 253_000_000_000  # within the years that dates can express
# Before any window, the last change of clocks is looked for this far back.
ZONE_MEMORY = timedelta(days=800)
MOST_RULES = 4
MOST_DAYS_KEPT = 20_000


def wall_seconds(wall: datetime) -> int:
    """A wall reading as seconds since 1970-01-01T00:00 on that wall."""
    return (wall - EPOCH) // timedelta(seconds=1)


class Zone:
    """How far a wall clock is ahead of UTC, for every instant."""

    def offset_at(self, instant: int) -> int:
        raise NotImplementedError

    def instant(self, wall: datetime) -> int:
        """RFC 5545, 3.3.5: what a change of clocks skips is read with the offset before it, what happens twice is the first."""
        reading = wall_seconds(wall)
        before, after = self.offset_at(reading - DAY), self.offset_at(reading + DAY)
        if before == after:
            return reading - before
        meant = [reading - offset for offset in (before, after) if self.offset_at(reading - offset) == offset]
        return min(meant, default=reading - before)

    def reads(self, wall: datetime) -> bool:
        """Whether the clock ever shows this time: not in the gap of a change."""
        instant = self.instant(wall)
        return instant + self.offset_at(instant) == wall_seconds(wall)

    def wall(self, instant: int) -> datetime:
        return EPOCH + timedelta(seconds=instant + self.offset_at(instant))


class NamedZone(Zone):
    """A zone of the IANA database."""

    def __init__(self, name: str) -> None:
        self._zone = ZoneInfo(name)
        # The offset of each UTC day on which it does not change: thousands of instances fall on a few hundred days.
        self._steady: dict[int, int | None] = {}

    def offset_at(self, instant: int) -> int:
        day = instant // DAY
        if day not in self._steady:
            if len(self._steady) > MOST_DAYS_KEPT:
                self._steady.clear()
            begins, ends = self._asked(day * DAY), self._asked((day + 1) * DAY)
            self._steady[day] = begins if begins == ends else None
        steady = self._steady[day]
        return self._asked(instant) if steady is None else steady

    def _asked(self, instant: int) -> int:
        offset = datetime.fromtimestamp(min(max(instant, EARLIEST), LATEST), self._zone).utcoffset()
        assert offset is not None
        return offset // timedelta(seconds=1)


@dataclass
class FileZone(Zone):
    """A zone as a file describes it: the offset before everything, and each change as (instant, offset from then on), rising."""

    first: int
    changes: list[tuple[int, int]]

    def offset_at(self, instant: int) -> int:
        at = bisect_right(self.changes, (instant, DAY * 2))
        return self.changes[at - 1][1] if at else self.first


def clean(tzid: str) -> str:
    """A TZID without what vendors put around and into it: quotes, spaces, and the backslashes of escaped commas."""
    return ESCAPED.sub(r"\1", tzid).strip('" ')


@lru_cache(maxsize=1)
def _iana() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=700)
def named_zone(tzid: str) -> NamedZone | None:
    """The zone of an IANA or Windows name."""
    cleaned = clean(tzid)
    parts = cleaned.split("/")
    suffixes = ("/".join(parts[at:]) for at in range(len(parts)) if parts[at]) if len(parts) < 9 else iter(())
    found = next((name for name in suffixes if name in _iana()), None) or WINDOWS_TO_OLSON.get(cleaned)
    return NamedZone(found) if found in _iana() else None


def zone_of(tzid: str, given: dict[str, Component], *, within: Interval, check_time: Callable[[], None]) -> Zone | None:
    """The clock of this TZID, good within the interval; None for a name that nobody knows and the file does not describe."""
    described = next((zone for name, zone in given.items() if clean(name) == clean(tzid)), None)
    return named_zone(tzid) or (described and _file_zone(described, within, check_time)) or None


def _file_zone(described: Component, within: Interval, check_time: Callable[[], None]) -> FileZone | None:
    changes: dict[int, int] = {}
    earliest: list[tuple[int, int]] = []
    for observance in described.inner:
        before, after, start = _offset(observance.text("TZOFFSETFROM")), _offset(observance.text("TZOFFSETTO")), wall_of(observance.text("DTSTART"))
        if before is None or after is None or start is None:
            continue
        earliest.append((wall_seconds(start) - before, before))
        check_time()
        for onset in _onsets(observance, start, within):
            changes[wall_seconds(onset) - before] = after
    return FileZone(min(earliest)[1], sorted(changes.items())) if earliest else None


def _onsets(observance: Component, start: datetime, within: Interval) -> Iterable[datetime]:
    onsets = {start}
    onsets.update(wall for each in observance.properties.get("RDATE", ()) for text in each.value.split(",") if (wall := wall_of(text.strip())))
    low, high = EPOCH + timedelta(seconds=within[0]) - ZONE_MEMORY, EPOCH + timedelta(seconds=within[1], days=2)
    for rule in observance.properties.get("RRULE", ())[:MOST_RULES]:
        try:
            onsets.update(occurrences(rule.value, start, low=low, high=high))
        except (RuleUnreadable, TooManyInstances, OverflowError):
            continue
    return onsets


def _offset(text: str) -> int | None:
    found = OFFSET.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups()[1:])
    total = hours * 3600 + minutes * 60 + seconds
    return (-total if found[1] == "-" else total) if total < DAY else None


def wall_of(text: str) -> datetime | None:
    """A DATE or local DATE-TIME; None for anything else."""
    found = WALL.fullmatch(text.rstrip("Zz"))
    try:
        return datetime(*(int(part or 0) for part in found.groups())) if found else None  # type: ignore[arg-type]  # noqa: DTZ001 a wall reading
    except ValueError:
        return None
