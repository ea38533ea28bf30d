"""Windows and words around a session."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from booking.meeting import Window, corrected_by, how_to_meet, needs_arrival, to_join, to_read_details, to_state_place
from booking.refusals import TooEarly, TooLate, require_within

START = datetime(2026, 11, 23, 9, tzinfo=UTC)
END = START + timedelta(minutes=50)


def test_a_client_can_say_where_they_are_for_as_long_as_it_opens_the_way_in():
    assert to_state_place(START, END) == Window(START - timedelta(hours=2), END)
    assert to_join(START, END) == Window(START - timedelta(minutes=15), END + timedelta(minutes=30))
    assert to_read_details(START, END) == Window(START - timedelta(minutes=15), END + timedelta(hours=24))


def test_a_window_is_open_from_its_first_instant_and_closed_at_its_last():
    window, tick = to_join(START, END), timedelta(microseconds=1)
    require_within(window, now=window.opens)
    require_within(window, now=window.closes - tick)
    with pytest.raises(TooEarly) as early:
        require_within(window, now=window.opens - tick)
    assert early.value.extra == {"opens": "2026-11-23T08:45:00Z"}
    with pytest.raises(TooLate):
        require_within(window, now=window.closes)


@given(st.integers(-120, 49))
@settings(max_examples=40)
def test_whoever_gave_a_refused_place_has_time_to_correct_it(minutes: int):
    stated = START + timedelta(minutes=minutes)
    until = corrected_by(START, stated_at=stated)
    assert until >= START + timedelta(minutes=15)
    assert until - stated >= timedelta(minutes=5)


def test_each_way_to_meet_has_its_words_for_each_side():
    assert how_to_meet("video", link_from="nobody", gives=False) == "Your therapist will send you the link."
    assert "Send your client a link" in str(how_to_meet("video", link_from="nobody", gives=True))
    assert how_to_meet("video", link_from="platform", gives=False) == how_to_meet("video", link_from="therapist", gives=True)
    assert "calls you" in str(how_to_meet("phone", link_from=None, gives=False))
    assert how_to_meet("in_person", link_from=None, gives=False) is None
    assert [mode for mode in ("video", "phone", "text", "in_person", "walk_and_talk") if needs_arrival(mode)] == ["video", "phone", "text"]
