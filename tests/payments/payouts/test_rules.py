"""When a payout may leave, how much of it, and how much comes back; both of its tables go forward only."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.payouts.rules import (
    PAYOUT_STEPS,
    REVERSAL_STEPS,
    PayoutState,
    PayoutStepNotPossible,
    ReversalState,
    due_at,
    step_payout,
    step_reversal,
    to_send,
    to_take_back,
)

END = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)


def test_three_days_after_it_took_place_are_72_hours_whatever_the_clocks_do() -> None:
    assert due_at(END) - END == timedelta(hours=72)


@given(st.integers(0, 10**9), st.data())
def test_what_was_sent_less_what_comes_back_is_what_is_theirs(sent: int, data: st.DataObject) -> None:
    returned = data.draw(st.integers(0, sent))
    theirs = data.draw(st.integers(0, sent - returned))
    back = to_take_back(sent, returned, theirs)
    assert sent - returned - back == theirs
    assert to_take_back(sent, returned + back, theirs) == 0, "asked again, nothing more comes back"
    assert to_take_back(theirs, 0, sent) == 0, "nothing comes back of what is all theirs"
    assert to_send(sent, 0) == sent


@pytest.mark.parametrize("current", PayoutState)
@pytest.mark.parametrize("target", PayoutState)
def test_a_payout_takes_only_the_steps_of_its_table(current: PayoutState, target: PayoutState) -> None:
    if target in PAYOUT_STEPS[current]:
        assert step_payout(current, target) is target
    else:
        with pytest.raises(PayoutStepNotPossible):
            step_payout(current, target)


@pytest.mark.parametrize("current", ReversalState)
@pytest.mark.parametrize("target", ReversalState)
def test_a_reversal_too(current: ReversalState, target: ReversalState) -> None:
    if target in REVERSAL_STEPS[current]:
        assert step_reversal(current, target) is target
    else:
        with pytest.raises(PayoutStepNotPossible):
            step_reversal(current, target)


def test_what_was_sent_or_dropped_stays_so() -> None:
    assert PAYOUT_STEPS[PayoutState.SENT] == PAYOUT_STEPS[PayoutState.DROPPED] == REVERSAL_STEPS[ReversalState.DONE] == frozenset()
