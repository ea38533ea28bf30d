"""Local edges are the first instant at which the wall reads that time or later. Instants of the cases follow IANA 2026f."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import zones


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


@pytest.mark.parametrize(
    ("zone", "wall", "instant"),
    [
        pytest.param("America/Vancouver", (2027, 1, 15, 600), "2027-01-15T17:00", id="A18-vancouver"),
        pytest.param("America/Edmonton", (2027, 1, 15, 600), "2027-01-15T16:00", id="A18-edmonton"),
        pytest.param("America/Winnipeg", (2027, 1, 15, 600), "2027-01-15T15:00", id="A18-winnipeg"),
        pytest.param("Africa/Casablanca", (2027, 2, 3, 600), "2027-02-03T10:00", id="A19-casablanca-february"),
        pytest.param("Africa/Casablanca", (2027, 3, 17, 600), "2027-03-17T10:00", id="A19-casablanca-march"),
        pytest.param("America/Asuncion", (2027, 7, 1, 600), "2027-07-01T13:00", id="A19-asuncion"),
        pytest.param("America/New_York", (2027, 3, 14, 150), "2027-03-14T07:00", id="A6-a-gap-gives-the-transition"),
        pytest.param("America/New_York", (2027, 11, 7, 90), "2027-11-07T05:30", id="twice-gives-the-first"),
        pytest.param("Africa/Cairo", (2027, 4, 30, 0), "2027-04-29T22:00", id="A7-midnight-does-not-exist"),
        pytest.param("Europe/Berlin", (2027, 5, 12, 1440), "2027-05-12T22:00", id="A24-24-00"),
        pytest.param("Asia/Kathmandu", (2027, 5, 12, 540), "2027-05-12T03:15", id="A12"),
        pytest.param("Pacific/Apia", (2011, 12, 30, 600), "2011-12-30T10:00", id="a-date-that-was-skipped"),
    ],
)
def test_wall_readings(zone: str, wall: tuple[int, int, int, int], instant: str) -> None:
    assert zones.local_to_utc_seconds(zone, *wall) == utc(instant)


@pytest.mark.parametrize(
    ("zone", "day", "first", "end"),
    [
        pytest.param("America/New_York", date(2027, 11, 7), "2027-11-07T04:00", "2027-11-08T05:00", id="A9-25-hours"),
        pytest.param("America/New_York", date(2027, 3, 14), "2027-03-14T05:00", "2027-03-15T04:00", id="A9-23-hours"),
        pytest.param("America/Santiago", date(2027, 9, 5), "2027-09-05T04:00", "2027-09-06T03:00", id="A9-no-midnight"),
        pytest.param("Australia/Lord_Howe", date(2027, 10, 3), "2027-10-02T13:30", "2027-10-03T13:00", id="A9-23-and-a-half-hours"),
    ],
)
def test_days(zone: str, day: date, first: str, end: str) -> None:
    assert zones.day_bounds(zone, day) == (utc(first), utc(end))


@pytest.mark.parametrize("name", ["EST5EDT", "", "../etc", "Etc/GMT+5", "GMT", "europe/london", "/etc/passwd", "Mars/Olympus", "Europe/London\0"])
def test_A30_other_names_are_refused_without_a_file_read(name: str) -> None:
    assert not zones.known_zone(name)
    with pytest.raises(ValueError, match="unknown time zone"):
        zones.zone(name)


@pytest.mark.parametrize("name", ["UTC", "Europe/London", "Asia/Calcutta", "Asia/Katmandu", "America/Argentina/Buenos_Aires"])
def test_A30_names_and_the_aliases_that_browsers_send_are_accepted(name: str) -> None:
    assert zones.known_zone(name)


SAMPLE = [
    "America/New_York",
    "Europe/London",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Santiago",
    "Asia/Kolkata",
    "Pacific/Auckland",
    "Africa/Casablanca",
]


@given(st.sampled_from(SAMPLE), st.integers(utc("2024-01-01T00:00"), utc("2032-01-01T00:00")))
def test_reading_an_instant_and_asking_for_that_reading_never_gives_a_later_one(zone: str, at: int) -> None:
    at -= at % 60
    wall = at + zones.utc_offset(zone, at)
    first = zones.first_instant_reading(zone, wall)
    assert first <= at
    assert first + zones.utc_offset(zone, first) == wall


@given(st.sampled_from(SAMPLE), st.dates(date(2024, 1, 1), date(2031, 12, 31)))
def test_local_days_partition_time(zone: str, day: date) -> None:
    first, end = zones.day_bounds(zone, day)
    assert zones.local_date(zone, first) == day
    assert zones.local_date(zone, end - 1) == day
    assert zones.local_date(zone, end) > day


@given(st.sampled_from(SAMPLE), st.dates(date(2024, 1, 1), date(2031, 12, 31)), st.integers(0, 1440))
def test_no_earlier_second_reads_that_time_or_later_on_that_day(zone: str, day: date, minute: int) -> None:
    edge = zones.local_to_utc_seconds(zone, day.year, day.month, day.day, minute)
    wall = (day.toordinal() - zones.EPOCH_ORDINAL) * zones.DAY + minute * 60
    start, _ = zones.day_bounds(zone, day)
    assert edge >= start
    assert edge + zones.utc_offset(zone, edge) >= wall
    if edge > start:
        assert edge - 1 + zones.utc_offset(zone, edge - 1) < wall
