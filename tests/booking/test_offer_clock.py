"""The clock of an offer, against a naive one that counts every minute on the client's wall."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.waitlist.offer_clock import LASTS, NEAR, offer_ends_at
from booking.waitlist.wishes import Span, TimeWishes, first_flaw
from tests.booking.moments import at, shown

# Half-hour changes, changes at midnight, a date that was skipped, and zones that change in different weeks.
ZONES = ("UTC", "Europe/London", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "America/Havana", "Africa/Casablanca")
LATER = 40 * NEAR


def counted(zone: str, low: int, high: int) -> int:
    """Seconds of [low, high) at which the wall reads 08:00 to 21:00; edges fall on whole minutes."""
    clock = ZoneInfo(zone)
    ticks = range(low, high)[:: 60 if low % 60 == 0 else 1]
    return sum(ticks.step for tick in ticks if 8 <= datetime.fromtimestamp(tick, UTC).astimezone(clock).hour < 21)


@settings(max_examples=100)
@given(zone=st.sampled_from(ZONES), made=st.integers(at("2011-12-25T00:00") // 60, at("2028-01-01T00:00") // 60), away=st.integers(NEAR, LATER))
def test_an_offer_far_ahead_lasts_half_an_hour_of_waking_time_and_ends_while_somebody_may_be_awake(zone: str, made: int, away: int) -> None:
    made *= 60
    ends = offer_ends_at(made, made + away, zone)
    assert counted(zone, made, ends) == LASTS
    assert made + LASTS <= ends <= made + 13 * 3600
    assert counted(zone, ends - 60, ends) == 60, "it ends in a minute that counts"


@settings(max_examples=60)
@given(zone=st.sampled_from(ZONES), made=st.integers(at("2026-01-01T00:00"), at("2028-01-01T00:00")), away=st.integers(1, NEAR - 1))
def test_an_offer_of_a_near_start_lasts_half_an_hour_by_any_clock_and_never_beyond_the_start(zone: str, made: int, away: int) -> None:
    assert offer_ends_at(made, made + away, zone) == made + min(LASTS, away)


@pytest.mark.parametrize(
    ("zone", "made", "ends"),
    [
        pytest.param("Europe/London", "2026-11-22T20:50", "2026-11-23T08:20", id="ten_minutes_tonight_and_twenty_tomorrow"),
        pytest.param("Europe/London", "2026-11-22T20:30", "2026-11-22T21:00", id="just_before_nine"),
        pytest.param("Europe/London", "2026-03-28T23:00", "2026-03-29T07:30", id="the_night_when_clocks_go_forward"),
        pytest.param("Europe/London", "2026-10-24T21:00", "2026-10-25T08:30", id="the_night_when_clocks_go_back"),
        pytest.param("Asia/Tokyo", "2026-11-22T15:00", "2026-11-22T23:30", id="midnight_there_is_afternoon_here"),
    ],
)
def test_offers_of_the_evening_wait_for_the_morning(zone: str, made: str, ends: str) -> None:
    assert shown(offer_ends_at(at(made), at(made) + LATER, zone)) == ends


MONDAY_MORNING = Span(0, 9 * 60, 12 * 60)


@pytest.mark.parametrize(
    ("start", "suits"),
    [("2026-11-23T14:00", True), ("2026-11-23T16:10", True), ("2026-11-23T16:11", False), ("2026-11-24T14:00", False), ("2026-11-23T13:59", False)],
)
def test_a_whole_session_lies_in_a_span_of_the_clients_own_clock(start: str, suits: bool) -> None:
    assert TimeWishes("America/New_York", (MONDAY_MORNING,)).suit(at(start), 50) is suits


def test_dates_are_those_of_the_clients_wall_and_no_spans_mean_any_time() -> None:
    day = datetime(2026, 11, 23).date()
    wishes = TimeWishes("Asia/Tokyo", earliest=day, latest=day)
    assert [wishes.suit(at(start), 50) for start in ("2026-11-22T14:59", "2026-11-22T15:00", "2026-11-23T14:59", "2026-11-23T15:00")] == [
        False,
        True,
        True,
        False,
    ]
    assert TimeWishes("UTC", latest=day - timedelta(days=1)).suit(at("2026-11-23T00:00"), 50) is False


def test_the_first_span_that_makes_no_sense_is_named() -> None:
    assert first_flaw([MONDAY_MORNING, Span(0, 720, 780)]) is None
    assert first_flaw([MONDAY_MORNING, Span(1, 600, 600)]) == 1
    assert first_flaw([MONDAY_MORNING, Span(2, 0, 1440), Span(0, 719, 780)]) == 2
