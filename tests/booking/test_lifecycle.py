"""The states of a booking: the table, and that no end leads anywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.lifecycle import ENDS, LIVE, STEPS, BookingEnded, State, StepNotPossible, step, takes_time

states = st.sampled_from(list(State))


def test_the_table_is_the_one_that_was_decided():
    said = {state.value: sorted(target.value for target in targets) for state, targets in STEPS.items() if targets}
    assert said == {
        "held": ["confirmed", "expired", "released", "requested"],
        "requested": ["confirmed", "declined", "expired", "withdrawn"],
        "confirmed": ["cancelled", "completed", "no_show"],
    }
    assert set(STEPS) == set(State)
    assert set(State) == ENDS | LIVE


@given(st.lists(states, min_size=1, max_size=12))
def test_whatever_is_tried_a_booking_never_leaves_an_end_and_never_returns_to_a_state(targets):
    current, seen = State.HELD, [State.HELD]
    for target in targets:
        try:
            current = step(current, target)
        except BookingEnded:
            assert current in ENDS
        except StepNotPossible:
            assert current in LIVE
        else:
            seen.append(current)
    assert len(seen) == len(set(seen))
    assert not set(seen[:-1]) & ENDS


@given(states, states)
def test_a_step_is_taken_exactly_when_the_table_has_it(current, target):
    if target in STEPS[current]:
        assert step(current, target) is target
    else:
        with pytest.raises(BookingEnded if current in ENDS else StepNotPossible) as refusal:
            step(current, target)
        assert refusal.value.extra == {"state": current.value}


def test_only_what_is_alive_takes_time_and_a_request_only_if_its_service_says_so():
    assert {state for state in State if takes_time(state)} == LIVE
    assert {state for state in State if takes_time(state, requests_block=False)} == {State.HELD, State.CONFIRMED}
