"""When a date of a series is charged: 48 hours before it, again 24 hours before, and by 12 hours before its therapist chooses."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.paying.charge_clock import Step, next_step, plan_charges

START = datetime(2026, 11, 30, 9, tzinfo=UTC)


def before(hours: float) -> datetime:
    return START - timedelta(hours=hours)


@pytest.mark.parametrize(
    ("tried", "now", "step"),
    [
        (None, 48.01, "wait"),
        (None, 48, "try"),
        (48, 47.9, "wait"),
        (48, 24.01, "wait"),
        (48, 24, "try"),
        (24, 23, "wait"),
        (24, 12.01, "wait"),
        (24, 12, "unpaid"),
        (48, 12, "unpaid"),
        (None, 11, "try"),
        (11, 10, "unpaid"),
        (30, 24, "try"),
        (20, 13, "wait"),
    ],
)
def test_each_moment_asks_for_one_step(tried: float | None, now: float, step: str) -> None:
    assert next_step(START, None if tried is None else before(tried), now=before(now)) is Step(step)


@given(st.lists(st.floats(0.01, 60), min_size=1, max_size=30))
def test_nobody_is_tried_more_than_twice_and_never_after_the_choice(hours: list[float]) -> None:
    tried_at, tries = None, 0
    for each in sorted(hours, reverse=True):
        step = next_step(START, tried_at, now=before(each))
        if step is Step.TRY:
            assert each <= 48
            assert each > 12 or tries == 0
            tried_at, tries = before(each), tries + 1
        if step is Step.UNPAID:
            assert tries
            break
    assert tries <= 2


def test_the_first_date_is_paid_at_the_checkout_and_the_others_before_them() -> None:
    now = before(200)
    planned = plan_charges([START, None, START + timedelta(weeks=1), START + timedelta(weeks=2)], [True, True, True, False], now=now)
    assert [each.how for each in planned] == ["at_checkout", "not_here", "before_it", "not_here"]
    assert planned[2].at == START + timedelta(weeks=1) - timedelta(hours=48)
