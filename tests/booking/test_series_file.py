"""A series as a calendar file: read back by a parser and expanded by a library that is not ours."""

from datetime import UTC, datetime, timedelta

import pytest
import recurring_ical_events
from icalendar import Calendar

from booking.calendar.invitation import Appointment, Party
from booking.calendar.zone_rules import zone_rules
from booking.series.invitation import DateOfSeries, SeriesEntry, series_invitation
from booking.series.plan import Rhythm
from core.zones import utc_offset, zone
from tests.booking.moments import at as utc_second
from tests.booking.practice import utc

HOUR = timedelta(minutes=50)


def dates(rhythm: Rhythm, count: int, *, left_out: tuple[int, ...] = (), moved: dict[int, datetime] | None = None) -> list[DateOfSeries]:
    found = []
    for planned in rhythm.plan(count):
        rule = datetime.fromisoformat(planned.wall).replace(tzinfo=zone(rhythm.zone))
        start = None if planned.start is None or planned.position in left_out else datetime.fromtimestamp(planned.start, UTC)
        start = (moved or {}).get(planned.position, start)
        found.append(DateOfSeries(rule, start, None if start is None else start + HOUR))
    return found


def file_of(rhythm: Rhythm, given: list[DateOfSeries]) -> tuple[str, list[datetime]]:
    first = datetime.fromtimestamp(rhythm.start, UTC)
    shared = Appointment("u-1", 0, first, first + HOUR, utc("2026-11-22T15:00"), "CONFIRMED", Party("calendar@attune.example"), Party("sam@example.com", "Sam"))
    text = series_invitation(SeriesEntry(shared, tuple(given), rhythm.zone, rhythm.every_weeks)).decode()
    calendar = Calendar.from_ical(text)
    events = recurring_ical_events.of(calendar).between(datetime(2026, 1, 1, tzinfo=UTC), datetime(2029, 1, 1, tzinfo=UTC))
    return text.replace("\r\n ", ""), sorted(event["DTSTART"].dt.astimezone(UTC) for event in events)


def test_F6_a_series_stands_on_its_wall_clock_with_yearly_rules_for_the_zone() -> None:
    rhythm = Rhythm(utc_second("2027-03-04T21:00"), "America/New_York", 1)
    text, starts = file_of(rhythm, dates(rhythm, 4))
    assert "DTSTART;TZID=America/New_York:20270304T160000" in text
    assert "RRULE:FREQ=WEEKLY;UNTIL=20270325T200000Z" in text
    assert "BEGIN:VTIMEZONE" in text
    assert "RDATE" not in text
    assert "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3" in text
    assert "RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11" in text
    assert [start.isoformat()[:16] for start in starts] == ["2027-03-04T21:00", "2027-03-11T21:00", "2027-03-18T20:00", "2027-03-25T20:00"]


def test_F6_dates_left_out_and_moved_keep_one_name() -> None:
    rhythm = Rhythm(utc_second("2027-03-04T21:00"), "America/New_York", 2)
    given = dates(rhythm, 6, left_out=(1, 3), moved={4: utc("2027-04-16T18:00")})
    text, starts = file_of(rhythm, given)
    assert starts == [each.start for each in given if each.start is not None]
    assert text.count("UID:u-1") == 2  # the rule and the date that was moved
    assert "EXDATE;TZID=America/New_York:20270401T160000" in text
    assert "RECURRENCE-ID;TZID=America/New_York:20270415T160000" in text


def test_F6_a_week_without_the_wall_time_is_left_out_by_name() -> None:
    rhythm = Rhythm(utc_second("2027-03-07T07:30"), "America/New_York", 1)
    text, starts = file_of(rhythm, dates(rhythm, 3))
    assert "EXDATE;TZID=America/New_York:20270314T023000" in text
    assert [start.isoformat()[:16] for start in starts] == ["2027-03-07T07:30", "2027-03-21T06:30"]


@pytest.mark.parametrize(
    "name", ["Europe/Berlin", "America/Santiago", "Australia/Lord_Howe", "Africa/Cairo", "Africa/Casablanca", "Asia/Kolkata", "Pacific/Auckland"]
)
def test_F6_a_program_that_does_not_know_the_zone_reads_every_hour_of_it(name: str) -> None:
    """The parts alone, expanded as RFC 5545 says, give the zone's own offsets all through two years."""
    from dateutil.rrule import rrulestr

    first, last = utc_second("2027-01-01T00:00"), utc_second("2028-12-31T00:00")
    onsets = []
    for part in zone_rules(name, first, last):
        walls = list(rrulestr(part.rule, dtstart=part.wall_start).between(part.wall_start, datetime(2029, 6, 1), inc=True)) if part.rule else [part.wall_start]
        onsets += [(int(wall.replace(tzinfo=UTC).timestamp()) - part.offset_from, part.offset_to) for wall in walls]
    for at in range(first, last, 43_200):
        said = max(onset for onset in onsets if onset[0] <= at)[1]
        assert said == utc_offset(name, at), datetime.fromtimestamp(at, UTC)
