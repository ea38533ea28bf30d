"""The calendar of a credential: warnings, the midnight that ends it, and looks that are due."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapists.expiry import WARNINGS, full_is_due, priority_of_look, state_by_date, warning_due
from therapists.standing import CHECKED_WITHIN, RECHECK_EVERY

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "last_second"),
    [
        ("Europe/London", datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)),
        ("Australia/Sydney", datetime(2026, 11, 30, 12, 59, 59, tzinfo=UTC)),
        ("America/Los_Angeles", datetime(2026, 12, 1, 7, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_entry_ends_with_its_last_day_in_the_zone_of_the_register(zone: str, last_second: datetime) -> None:
    last_day = date(2026, 11, 30)
    assert state_by_date("active", last_day, zone, last_second) == "expiring"
    assert state_by_date("active", last_day, zone, last_second + timedelta(seconds=1)) == "expired"


def test_ninety_days_before_it_is_expiring_and_only_what_is_live_moves() -> None:
    assert state_by_date("active", date(2027, 2, 21), "UTC", NOW) == "active"
    assert state_by_date("active", date(2027, 2, 20), "UTC", NOW) == "expiring"
    for state in ("suspended", "in_review", "lapsed", "expired", "withdrawn"):
        assert state_by_date(state, date(2020, 1, 1), "UTC", NOW) == state


@given(st.lists(st.integers(0, 30), max_size=30))
def test_each_warning_is_sent_at_most_once_whenever_the_job_runs(pauses: list[int]) -> None:
    left, warned, sent = 120, None, []
    for pause in pauses:
        left -= pause
        due = warning_due(left, warned)
        if due is not None:
            assert left <= due
            warned = due
            sent.append(due)
    assert sent == sorted(set(sent), reverse=True)
    assert set(sent) <= set(WARNINGS)


def test_every_day_gives_all_four_and_a_late_start_only_the_nearest() -> None:
    warned, sent = None, []
    for left in range(100, -3, -1):
        if (due := warning_due(left, warned)) is not None:
            warned = due
            sent.append((left, due))
    assert sent == [(90, 90), (60, 60), (30, 30), (7, 7)]
    assert warning_due(5, None) == 7
    assert warning_due(-1, None) is None


def test_a_late_look_presses_from_its_first_day() -> None:
    assert priority_of_look(NOW - RECHECK_EVERY, NOW) == "normal"
    assert priority_of_look(NOW - RECHECK_EVERY - timedelta(seconds=1), NOW) == "high"
    assert priority_of_look(NOW - RECHECK_EVERY - timedelta(days=14, seconds=1), NOW) == "urgent"
    assert priority_of_look(None, NOW) == "urgent"


def test_a_full_verification_is_asked_for_before_36_months_are_over() -> None:
    assert full_is_due(None, NOW)
    assert full_is_due(NOW - CHECKED_WITHIN + timedelta(days=90), NOW)
    assert not full_is_due(NOW - CHECKED_WITHIN + timedelta(days=91), NOW)
