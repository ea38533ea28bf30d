"""The dates of a series on the wall clock, against a slow second implementation that counts minutes."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.series.plan import MOST_OCCURRENCES, Rhythm, shifted
from core.zones import utc_offset, zone
from tests.booking.moments import at as utc_second

NEW_YORK, LONDON = "America/New_York", "Europe/London"


def test_A16_a_series_keeps_the_therapists_wall_clock_and_flags_where_the_clients_differs() -> None:
    rhythm = Rhythm(utc_second("2027-03-11T21:00"), NEW_YORK, 1)
    plan = {planned.wall[:10]: planned for planned in rhythm.plan(36)}
    asked = [plan[day] for day in ("2027-03-11", "2027-03-18", "2027-03-25", "2027-04-01", "2027-10-28", "2027-11-04", "2027-11-11")]
    starts = [datetime.fromtimestamp(planned.start or 0, UTC) for planned in asked]
    assert [start.hour for start in starts] == [21, 20, 20, 20, 20, 20, 21]
    assert {planned.wall[11:] for planned in asked} == {"16:00"}
    assert [start.astimezone(zone(LONDON)).hour for start in starts] == [21, 20, 20, 21, 21, 20, 21]
    assert list(shifted(asked, LONDON).values()) == [False, True, True, False, False, True, False]
    assert not any(shifted(asked, NEW_YORK).values())


def test_a_week_whose_wall_time_does_not_exist_is_said_and_never_left_out() -> None:
    plan = Rhythm(utc_second("2027-03-07T07:30"), NEW_YORK, 1).plan(3)
    assert [(planned.position, planned.wall, planned.start is None) for planned in plan] == [
        (1, "2027-03-07T02:30", False),
        (2, "2027-03-14T02:30", True),
        (3, "2027-03-21T02:30", False),
    ]


def test_a_wall_time_that_comes_twice_means_its_first_occurrence() -> None:
    plan = Rhythm(utc_second("2027-10-31T05:30"), NEW_YORK, 1).plan(2)
    assert plan[1].start == utc_second("2027-11-07T05:30")  # 01:30 at −04:00


@pytest.mark.parametrize(("every", "most"), [(1, 52), (4, 14), (12, 5)])
def test_nobody_agrees_on_appointments_for_longer_than_a_year(every: int, most: int) -> None:
    rhythm = Rhythm(utc_second("2027-03-11T21:00"), NEW_YORK, every)
    assert len(rhythm.plan(MOST_OCCURRENCES)) == len(list(rhythm.dates())) == most


def slowly(rhythm: Rhythm, count: int) -> list[int | None]:
    """Look at every minute of each day, and take the first that reads the time."""
    found: list[int | None] = []
    first = datetime.fromtimestamp(rhythm.start, UTC).astimezone(zone(rhythm.zone))
    for number in range(count):
        day: date = first.date() + timedelta(days=7 * rhythm.every_weeks * number)
        noon = int(datetime(day.year, day.month, day.day, 12, tzinfo=UTC).timestamp())
        reading = (day, first.hour, first.minute)
        minutes = range(noon - 36 * 3600, noon + 36 * 3600, 60)
        found.append(next((at for at in minutes if _wall(at, rhythm.zone) == reading), None))
    return [rhythm.start, *found[1:]]


def _wall(at: int, name: str) -> tuple[date, int, int]:
    there = datetime.fromtimestamp(at + utc_offset(name, at), UTC)
    return there.date(), there.hour, there.minute


@settings(max_examples=25)
@given(
    day=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    minute=st.sampled_from([0, 15, 90, 120, 150, 165, 960, 1439]),
    name=st.sampled_from([NEW_YORK, LONDON, "Australia/Lord_Howe", "Africa/Cairo", "Asia/Kathmandu", "America/Santiago"]),
    every=st.sampled_from([1, 2, 3, 4]),
)
def test_the_plan_equals_a_slow_search_and_never_overlaps_itself(day: date, minute: int, name: str, every: int) -> None:
    start = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()) + minute * 60
    rhythm = Rhythm(start, name, every)
    starts = [planned.start for planned in rhythm.plan(6)]
    assert starts == slowly(rhythm, 6)
    there = [start for start in starts if start is not None]
    assert all(later - earlier > 36 * 3600 for earlier, later in pairwise(there))  # longer than any claim
