"""When an unanswered request ends, and when its therapist is reminded."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from booking.expiry import SHORTEST_WAIT, chase_due_at, request_expires_at, request_lead_seconds

NOON = datetime(2027, 5, 12, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_it_waits_two_days_at_most():
    assert request_expires_at(NOON, NOON + 30 * 24 * HOUR) == NOON + 48 * HOUR


def test_a_shorter_promise_of_the_therapist_comes_first_and_a_longer_one_does_not():
    assert request_expires_at(NOON, NOON + 30 * 24 * HOUR, promise=24 * HOUR) == NOON + 24 * HOUR
    assert request_expires_at(NOON, NOON + 30 * 24 * HOUR, promise=72 * HOUR) == NOON + 48 * HOUR


def test_twelve_hours_before_the_start_it_is_over():
    assert request_expires_at(NOON, NOON + 20 * HOUR, promise=24 * HOUR) == NOON + 8 * HOUR


def test_the_reminder_comes_at_half_time():
    assert chase_due_at(NOON, NOON + 48 * HOUR) == NOON + 24 * HOUR


@given(st.integers(0, 400), st.one_of(st.none(), st.integers(1, 100)))
def test_it_never_ends_before_it_began_nor_later_than_any_of_the_three_limits(ahead, promise):
    start = NOON + ahead * HOUR
    wait = None if promise is None else promise * HOUR
    expires = request_expires_at(NOON, start, promise=wait)
    assert NOON <= expires <= NOON + 48 * HOUR
    assert expires == NOON or expires <= start - 12 * HOUR
    assert NOON <= chase_due_at(NOON, expires) <= expires


@given(st.integers(0, 10**6))
def test_every_opening_that_is_offered_on_request_leaves_time_to_answer(lead):
    start = NOON + timedelta(seconds=request_lead_seconds(lead))
    assert request_expires_at(NOON, start) - NOON >= SHORTEST_WAIT
    assert request_lead_seconds(lead) >= lead
