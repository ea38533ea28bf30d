"""The three tables: forward only, an end stays an end, a decline is no end."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from payments.lifecycle import (
    ATTEMPT_STEPS,
    PAYABLE,
    PAYMENT_STEPS,
    REFUND_STEPS,
    AttemptState,
    PaymentEnded,
    PaymentState,
    PaymentStepNotPossible,
    RefundState,
    step_attempt,
    step_payment,
    step_refund,
)


@pytest.mark.parametrize(("current", "target"), list(product(PaymentState, PaymentState)))
def test_a_payment_takes_exactly_the_steps_of_its_table(current: PaymentState, target: PaymentState) -> None:
    if target in PAYMENT_STEPS[current]:
        assert step_payment(current, target) is target
        return
    with pytest.raises(PaymentStepNotPossible if PAYMENT_STEPS[current] else PaymentEnded) as refused:
        step_payment(current, target)
    assert refused.value.extra == {"state": current.value}


@given(st.lists(st.sampled_from(list(PaymentState)), max_size=30))
def test_money_that_came_is_never_payable_again(wishes: list[PaymentState]) -> None:
    state, seen = PaymentState.OPEN, []
    for wish in wishes:
        if wish in PAYMENT_STEPS[state]:
            state = step_payment(state, wish)
            seen.append(state)
    came = [index for index, each in enumerate(seen) if each not in PAYABLE]
    assert all(each not in PAYABLE for each in seen[came[0] :]) if came else True


def test_a_decline_returns_to_payable() -> None:
    assert step_payment(PaymentState.PROCESSING, PaymentState.OPEN) is PaymentState.OPEN


def test_settled_and_ended_are_ends() -> None:
    assert {state for state, steps in PAYMENT_STEPS.items() if not steps} == {PaymentState.SETTLED, PaymentState.ENDED}


def test_a_table_names_every_state() -> None:
    assert (set(PAYMENT_STEPS), set(ATTEMPT_STEPS), set(REFUND_STEPS)) == (set(PaymentState), set(AttemptState), set(RefundState))


@pytest.mark.parametrize("current", list(AttemptState))
def test_an_attempt_that_is_over_stays_over(current: AttemptState) -> None:
    for target in AttemptState:
        if target in ATTEMPT_STEPS[current]:
            assert step_attempt(current, target) is target
        else:
            with pytest.raises(PaymentStepNotPossible):
                step_attempt(current, target)


def test_a_refund_can_fail_after_it_succeeded_and_is_then_over() -> None:
    """Banks send refunds back."""
    assert step_refund(RefundState.SUCCEEDED, RefundState.FAILED) is RefundState.FAILED
    for target in RefundState:
        with pytest.raises(PaymentStepNotPossible):
            step_refund(RefundState.FAILED, target)
