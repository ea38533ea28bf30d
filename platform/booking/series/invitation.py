"""A series as one calendar object: a rule on the therapist's wall clock, what is left out of it, and each date that was moved. Pure.

RFC 5545: DTSTART and the rule stand in the zone of the series with its VTIMEZONE, so that a change of the clocks moves nobody's appointment off its wall time;
the rule ends by UNTIL, which no program counts differently; dates that are not kept are EXDATEs; a moved one is an event with RECURRENCE-ID. One UID for all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from booking.calendar.invitation import Appointment, Occurrence, addressed, calendar_of, local_to, method_of


@dataclass(frozen=True, slots=True)
class DateOfSeries:
    """One date of the rule: where the rhythm has it, and where the appointment is. None when there is none."""

    rule_start: datetime
    start: datetime | None
    end: datetime | None


def series_invitation(shared: Appointment, dates: Sequence[DateOfSeries], *, zone: str, every_weeks: int) -> bytes:
    """The object a mail carries. `shared` says everything but the dates; `dates` are all of the rule, rising, from the first to the last that is kept.

    ValueError when none is kept: nothing is left to repeat.
    """
    kept = [each for each in dates if each.start is not None]
    if not kept:
        raise ValueError("a series without dates")
    first, last = kept[0], kept[-1]
    length = shared.end - shared.start
    master = addressed(replace(shared, start=first.rule_start, end=first.rule_start + length))
    for name, instant in (("DTSTART", first.rule_start), ("DTEND", first.rule_start + length)):
        del master[name]
        master.add(name, local_to(instant, zone))
    master.add("rrule", {"freq": "weekly", "interval": every_weeks, "until": last.rule_start.astimezone(UTC)})
    inside = [each for each in dates if first.rule_start <= each.rule_start <= last.rule_start]
    if out := [local_to(each.rule_start, zone) for each in inside if each.start is None]:
        master.add("exdate", out)
    moved = [
        addressed(replace(shared, start=each.start, end=each.end, occurrence=Occurrence(each.rule_start, zone)))
        for each in kept
        if each.start is not None and each.end is not None and (each.start != each.rule_start or each.end - each.start != length)
    ]
    ends = [each.end for each in kept if each.end is not None]
    zones = [] if zone == "UTC" else [(zone, first.rule_start, max([last.rule_start, *ends]))]
    return calendar_of([master, *moved], method_of(shared.status), zones=zones)
