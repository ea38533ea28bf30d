"""A series as one calendar object: a rule on the therapist's wall clock, what is left out of it, and each date that was moved. Pure.

RFC 5545: DTSTART and the rule stand in the zone of the series with its VTIMEZONE, so that a change of the clocks moves nobody's appointment off its wall time;
the rule ends by UNTIL, which no program counts differently; dates that are not kept are EXDATEs; a moved one is an event with RECURRENCE-ID. One UID for all.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from booking.calendar.invitation import Appointment, CalendarEvent, Occurrence, Status, addressed, calendar_of, local_to, method_of


@dataclass(frozen=True, slots=True)
class DateOfSeries:
    """One date of the rule: where the rhythm has it, and where the appointment is. None when there is none. `status` and `title` as the series has them, if
    not said.
    """

    rule_start: datetime
    start: datetime | None
    end: datetime | None
    status: Status | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True)
class SeriesEntry:
    """A series for one reader. `shared` says everything but the dates; `dates` are all of the rule, rising, from the first to the last that is shown."""

    shared: Appointment
    dates: tuple[DateOfSeries, ...]
    zone: str
    every_weeks: int

    @property
    def start(self) -> datetime:
        """Of its first date that is shown."""
        return next(each.start for each in self.dates if each.start is not None)


Zones = list[tuple[str, datetime, datetime]]


def series_invitation(entry: SeriesEntry) -> bytes:
    """The object a mail carries. ValueError when no date is kept: nothing is left to repeat."""
    events, zones = series_events(entry, write=addressed)
    return calendar_of(events, method_of(entry.shared.status), zones=zones)


def series_events(entry: SeriesEntry, *, write: Callable[[Appointment], CalendarEvent]) -> tuple[list[CalendarEvent], Zones]:
    """The rule and each date that differs from it, and the zone that they name with the instants for which its rules must be told."""
    kept = [each for each in entry.dates if each.start is not None]
    if not kept:
        raise ValueError("a series without dates")
    first, last = kept[0], kept[-1]
    shared, zone = entry.shared, entry.zone
    length = shared.end - shared.start
    master = write(replace(shared, start=first.rule_start, end=first.rule_start + length))
    for name, instant in (("DTSTART", first.rule_start), ("DTEND", first.rule_start + length)):
        del master[name]
        master.add(name, local_to(instant, zone))
    master.add("rrule", {"freq": "weekly", "interval": entry.every_weeks, "until": last.rule_start.astimezone(UTC)})
    inside = [each for each in entry.dates if first.rule_start <= each.rule_start <= last.rule_start]
    if out := [local_to(each.rule_start, zone) for each in inside if each.start is None]:
        master.add("exdate", out)
    others = [write(own) for own in (_as_date(shared, each, zone) for each in kept) if _differs(own, shared, length)]
    ends = [each.end for each in kept if each.end is not None]
    return [master, *others], [] if zone == "UTC" else [(zone, first.rule_start, max([last.rule_start, *ends]))]


def _as_date(shared: Appointment, date: DateOfSeries, zone: str) -> Appointment:
    assert date.start is not None
    assert date.end is not None
    own = replace(shared, start=date.start, end=date.end, occurrence=Occurrence(date.rule_start, zone))
    return replace(own, status=date.status or shared.status, title=date.title or shared.title)


def _differs(own: Appointment, shared: Appointment, length: timedelta) -> bool:
    assert own.occurrence is not None
    is_elsewhere = own.start != own.occurrence.start or own.end - own.start != length
    return is_elsewhere or (own.status, own.title) != (shared.status, shared.title)
