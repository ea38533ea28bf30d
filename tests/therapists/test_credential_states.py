"""The life of a claim: nothing becomes active but by a recorded check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapists.credential_states import (
    AMENDABLE,
    AWAITS_SECOND,
    CHECKABLE,
    DECISIONS,
    IN_QUEUE,
    LIVE,
    REASONS,
    TRANSITIONS,
    WrongState,
    require_amendable,
    require_checkable,
    require_transition,
)
from therapists.models import CREDENTIAL_STATES

MOVERS = ("owner", "desk", "check", "clock")
MOVES = st.lists(st.tuples(st.sampled_from(MOVERS), st.sampled_from(CREDENTIAL_STATES)), max_size=20)


def test_the_table_speaks_of_every_state_and_of_no_other() -> None:
    assert {move.before for move in TRANSITIONS} | {move.after for move in TRANSITIONS} == set(CREDENTIAL_STATES)
    assert CHECKABLE | AMENDABLE | set(DECISIONS) | set(LIVE) | set(IN_QUEUE) <= set(CREDENTIAL_STATES)
    assert set(REASONS) == set(DECISIONS)
    assert {move.by for move in TRANSITIONS} == set(MOVERS)


def test_every_transition_has_its_reasons() -> None:
    assert all(TRANSITIONS.values())
    with pytest.raises(ValueError, match="has no reason"):
        require_transition("active", "expired", by="clock", reason="because")


def test_only_a_check_leads_to_active_and_to_what_only_a_register_can_say() -> None:
    assert {move.by for move in TRANSITIONS if move.after in DECISIONS} == {"check"}


@pytest.mark.parametrize("state", ["rejected", "revoked", "withdrawn", "unverified"])
def test_what_nobody_submitted_is_not_checked(state: str) -> None:
    assert not any(move.before == state and move.by == "check" for move in TRANSITIONS)
    with pytest.raises(WrongState):
        require_checkable(state)


@given(st.sampled_from(CREDENTIAL_STATES), MOVES)
def test_no_path_from_rejected_or_revoked_to_active_without_a_new_submission_and_a_new_check(start: str, moves: list[tuple[str, str]]) -> None:
    state, submitted, checked = start, False, False
    for by, after in moves:
        reasons = TRANSITIONS.get((state, after, by))  # type: ignore[call-overload]
        if reasons is None:
            with pytest.raises(WrongState):
                require_transition(state, after, by=by, reason="any")  # type: ignore[arg-type]
            continue
        require_transition(state, after, by=by, reason=reasons[0])  # type: ignore[arg-type]
        submitted, checked = submitted or after == "submitted", checked or (by == "check" and after == "active")
        state = after
        if state in LIVE and start not in LIVE:
            assert checked
        if state in LIVE and start in ("rejected", "revoked", "unverified"):
            assert submitted
    if start == "withdrawn":
        assert state == "withdrawn"


@given(MOVES)
def test_a_claim_that_changed_is_live_again_only_after_a_check(moves: list[tuple[str, str]]) -> None:
    require_transition("active", "submitted", by="owner", reason="claim_changed")
    state, checked = "submitted", False
    for by, after in moves:
        if (state, after, by) in TRANSITIONS:
            state, checked = after, checked or by == "check"
        assert checked or state not in LIVE


@pytest.mark.parametrize("state", sorted(CHECKABLE))
def test_a_first_of_two_looks_leaves_it_in_review(state: str) -> None:
    require_transition(state, "in_review", by="check", reason=AWAITS_SECOND)


@pytest.mark.parametrize("state", ["suspended", "revoked", "rejected", "withdrawn"])
def test_a_claim_that_a_register_speaks_against_is_not_corrected(state: str) -> None:
    with pytest.raises(WrongState):
        require_amendable(state)
