"""Working hours and dates that differ."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.clock import FixedClock, now
from core.db import transaction
from core.errors import Invalid
from tests.factories.therapists import an_unverified_therapist
from therapists.hours import _end as end_of
from therapists.hours import _window_errors as window_errors
from therapists.hours import set_hours, set_overrides
from therapists.profile import own_profile, profile_for_edit


def window(weekday: int, start: int, end: int) -> dict[str, int]:
    return {"weekday": weekday, "from_minute": start, "to_minute": end}


def kept(person_id: int) -> list[tuple[int, int, int]]:
    return [(row.weekday, row.from_minute, row.to_minute) for row in own_profile(person_id).working_hours]


@pytest.mark.parametrize(
    "windows",
    [
        [],
        [(0, 540, 1020)],
        [(0, 0, 1440)],
        [(0, 0, 0 + 1440), (1, 0, 1440)],
        [(6, 1320, 120)],
        [(6, 1320, 0), (6, 540, 600), (6, 600, 660)],
    ],
    ids=["none", "a day", "24:00", "two whole days", "over midnight", "touching"],
)
def test_a_week_is_replaced_as_a_whole(database: None, windows: list[tuple[int, int, int]]) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        set_hours(profile_for_edit(therapist.person_id), [window(*each) for each in windows], now=now())
        assert sorted(kept(therapist.person_id)) == sorted(windows)


@pytest.mark.parametrize("windows", [[(0, 540, 540)], [(0, 540, 1020), (0, 1000, 1100)], [(0, 1320, 120), (0, 1380, 1440)], [(3, 0, 1440), (3, 60, 120)]])
def test_empty_and_overlapping_windows_are_refused_by_their_place(database: None, windows: list[tuple[int, int, int]]) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        set_hours(an_unverified_therapist(), [window(*each) for each in windows], now=now())
    assert list(refusal.value.errors) == [f"windows.{len(windows) - 1}"]


SPANS = st.tuples(st.integers(0, 1439), st.integers(0, 1440)).filter(lambda span: span[0] != span[1])


@given(st.lists(SPANS, max_size=6))
def test_windows_that_are_accepted_never_overlap(spans: list[tuple[int, int]]) -> None:
    accepted: list[tuple[int, int]] = []
    for span in spans:
        if not window_errors("x", span, accepted):
            accepted.append(span)
    minutes = [minute for span in accepted for minute in range(span[0], end_of(span))]
    assert len(minutes) == len(set(minutes))


def days(*given: tuple[int, list[tuple[int, int]]]) -> list[dict[str, Any]]:
    first = date(2026, 11, 22)
    return [{"day": first + timedelta(days=ahead), "windows": [{"from_minute": a, "to_minute": b} for a, b in windows]} for ahead, windows in given]


def test_overrides_replace_what_is_to_come_and_leave_what_is_past(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist = an_unverified_therapist()
        set_overrides(profile_for_edit(therapist.person_id), days((0, [(540, 600)]), (1, [])), now=now())
    clock.advance(days=1)
    with transaction():
        set_overrides(profile_for_edit(therapist.person_id), days((2, [(600, 660), (720, 780)])), now=now())
        rows = [(row.day.day, row.from_minute, row.to_minute) for row in own_profile(therapist.person_id).overrides]
    assert sorted(rows) == [(22, 540, 600), (24, 600, 660), (24, 720, 780)]


def test_a_day_off_is_a_row_without_a_window(database: None) -> None:
    with transaction():
        therapist = set_overrides(an_unverified_therapist(), days((3, [])), now=now())
        assert [(row.from_minute, row.to_minute) for row in therapist.overrides] == [(None, None)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (((-1, []),), "days.0.day"),
        (((2000, []),), "days.0.day"),
        (((1, []), (1, [])), "days.1.day"),
        (((1, [(60, 60)]),), "days.0.windows.0"),
        (((1, [(60, 120), (90, 150)]),), "days.0.windows.1"),
    ],
)
def test_dates_that_cannot_be_are_refused_by_their_place(database: None, given: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        set_overrides(an_unverified_therapist(), days(*given), now=now())
    assert list(refusal.value.errors) == [field]


def test_today_is_the_therapists_own_date(database: None) -> None:
    with transaction():
        set_overrides(an_unverified_therapist(zone="Pacific/Pago_Pago"), days((0, [])), now=now())
    with pytest.raises(Invalid), transaction():
        # 15:00 UTC on the 22nd is the 23rd in Kiritimati already.
        set_overrides(an_unverified_therapist(zone="Pacific/Kiritimati"), days((0, [])), now=now())
