"""When somebody can be called, on the wall clock where they are."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.zones import utc_offset
from desk.call_backs.windows import LEAST, next_window

EVENINGS = [[day, 18 * 60, 20 * 60] for day in range(7)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "start"),
    [
        ("Europe/London", "2026-11-22T18:00"),
        ("America/New_York", "2026-11-22T23:00"),
        ("Australia/Sydney", "2026-11-23T07:00"),
        ("Asia/Kolkata", "2026-11-23T12:30"),
    ],
)
def test_evenings_are_evenings_where_the_caller_is(zone: str, start: str) -> None:
    assert next_window(EVENINGS, zone, at("2026-11-22T15:00")) == (at(start), at(start) + timedelta(hours=2))


def test_the_window_that_holds_now_counts_while_a_quarter_of_an_hour_is_left() -> None:
    window = (at("2026-11-22T18:00"), at("2026-11-22T20:00"))
    assert next_window(EVENINGS, "Europe/London", at("2026-11-22T19:45")) == window
    assert next_window(EVENINGS, "Europe/London", at("2026-11-22T19:46")) == tuple(each + timedelta(days=1) for each in window)


def test_a_window_that_the_change_of_clocks_swallows_is_passed_over() -> None:
    """On 29 March 2026 London goes from 01:00 to 02:00."""
    night = [[6, 60, 120]]
    assert next_window(night, "Europe/London", at("2026-03-28T12:00")) == (at("2026-04-05T00:00"), at("2026-04-05T01:00"))


def test_without_windows_there_is_none() -> None:
    assert next_window([], "Europe/London", at("2026-11-22T15:00")) is None


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 1400), st.integers(15, 400)), min_size=1, max_size=5),
    st.sampled_from(["Europe/London", "America/New_York", "Asia/Kathmandu", "Pacific/Chatham", "Africa/Casablanca"]),
    st.integers(1_770_000_000, 1_800_000_000),
)
def test_the_next_window_is_one_of_those_given_and_has_time_left(given_windows: list[tuple[int, int, int]], zone: str, seconds: int) -> None:
    windows = [[day, first, min(1440, first + length)] for day, first, length in given_windows]
    now = datetime.fromtimestamp(seconds, UTC)
    found = next_window(windows, zone, now)
    if found is None:
        return
    start, end = found
    assert end - max(start, now) >= LEAST
    assert start <= now + timedelta(days=9)
    wall = datetime.fromtimestamp(int(end.timestamp()) + utc_offset(zone, int(end.timestamp())), UTC)
    assert wall.hour * 60 + wall.minute in {each[2] % 1440 for each in windows} or utc_offset(zone, int(end.timestamp()) - 7200) != utc_offset(
        zone, int(end.timestamp()) + 7200
    )
