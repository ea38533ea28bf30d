"""The life of a claim: nothing becomes active but by a recorded check."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from therapists.credential_states import CHECKABLE, DECISIONS, IN_QUEUE, LIVE, MOVES, REASONS, WrongState, require_checkable, require_move
from therapists.models import CREDENTIAL_STATES

# Every step a credential can take: a move by the table, or a recorded check where one may be recorded.
STEPS = st.lists(st.tuples(st.sampled_from(["move", "check"]), st.sampled_from(CREDENTIAL_STATES)), max_size=12)


def test_the_tables_speak_of_every_state_and_of_no_other() -> None:
    assert set(MOVES) == set(CREDENTIAL_STATES)
    assert {after for moves in MOVES.values() for after in moves} <= set(CREDENTIAL_STATES)
    assert set(CHECKABLE) | set(DECISIONS) | set(LIVE) | set(IN_QUEUE) <= set(CREDENTIAL_STATES)
    assert set(REASONS) == set(DECISIONS)


def test_no_move_leads_to_active() -> None:
    assert not any("active" in moves for moves in MOVES.values())


@given(st.sampled_from(CREDENTIAL_STATES), STEPS)
def test_no_path_from_rejected_or_revoked_to_active_without_submission_and_check(start: str, steps: list[tuple[str, str]]) -> None:
    state, submitted, checked = start, False, False
    for kind, after in steps:
        try:
            if kind == "move":
                require_move(state, after)
                submitted = submitted or after == "submitted"
            else:
                require_checkable(state)
                if after not in DECISIONS:
                    continue
                checked = True
        except WrongState:
            continue
        before, state = state, after
        if state == "active" and before != "active":
            assert checked
        if state == "active" and start in ("rejected", "revoked", "withdrawn", "unverified"):
            assert submitted


@pytest.mark.parametrize("state", ["unverified", "rejected", "revoked", "withdrawn"])
def test_what_nobody_submitted_is_not_checked(state: str) -> None:
    with pytest.raises(WrongState):
        require_checkable(state)
