"""When a payout may leave, how much of it, and how much comes back. Pure; amounts are minor units, instants aware UTC."""

from datetime import datetime, timedelta
from enum import StrEnum

from core.errors import Conflict

# After the session took place: long enough for a complaint, and for most disputes to show.
WAITS = timedelta(days=3)


class PayoutState(StrEnum):
    """Where a payout stands. `sent` money is on the payee's account; what comes back of it is counted beside the state."""

    EARNED = "earned"  # waits for its day
    SENDING = "sending"  # written down with its key, on its way to the processor
    SENT = "sent"
    NEEDS_PERSON = "needs_person"  # the processor will not take it; somebody has a case
    DROPPED = "dropped"  # nothing was left of it


PAYOUT_STEPS: dict[PayoutState, frozenset[PayoutState]] = {
    PayoutState.EARNED: frozenset({PayoutState.SENDING, PayoutState.DROPPED}),
    PayoutState.SENDING: frozenset({PayoutState.SENT, PayoutState.NEEDS_PERSON}),
    PayoutState.NEEDS_PERSON: frozenset({PayoutState.SENDING, PayoutState.DROPPED}),
    PayoutState.SENT: frozenset(),
    PayoutState.DROPPED: frozenset(),
}


class ReversalState(StrEnum):
    """Where the way back of part of a payout stands."""

    INTENDED = "intended"
    DONE = "done"
    NEEDS_PERSON = "needs_person"  # the account has too little; what is missing is what the payee owes us


REVERSAL_STEPS: dict[ReversalState, frozenset[ReversalState]] = {
    ReversalState.INTENDED: frozenset({ReversalState.DONE, ReversalState.NEEDS_PERSON}),
    ReversalState.NEEDS_PERSON: frozenset({ReversalState.DONE, ReversalState.INTENDED}),
    ReversalState.DONE: frozenset(),
}


class PayoutStepNotPossible(Conflict):
    code, detail = "payout_moved_on", "This is not possible any more: the payout has moved on meanwhile."


def step_payout(current: PayoutState, target: PayoutState) -> PayoutState:
    """`target`, if the table allows it from `current`; else PayoutStepNotPossible."""
    if target in PAYOUT_STEPS[current]:
        return target
    raise PayoutStepNotPossible(extra={"state": current.value})


def step_reversal(current: ReversalState, target: ReversalState) -> ReversalState:
    """The same of a reversal."""
    if target in REVERSAL_STEPS[current]:
        return target
    raise PayoutStepNotPossible(extra={"state": current.value})


def due_at(took_place_at: datetime) -> datetime:
    """The first instant at which it may leave."""
    return took_place_at + WAITS


def to_send(kept: int, our_part: int) -> int:
    """The payee's part of what was captured and not given back."""
    return kept - our_part


def amount_to_send(kept: int, our_part: int, share: int | None, *, is_anybodys: bool = False) -> int:
    """What one payout sends: the payee's part or, where it is for a part that was made ahead, that `share` as far as it is left; 0 when nothing is. Of what
    was paid ahead for anybody (`is_anybodys`) a payee's share is owed whatever becomes of the rest of it.
    """
    if is_anybodys and share is not None:
        return share
    left = to_send(kept, our_part)
    return max(0, left if share is None else min(left, share))


def to_take_back(sent: int, returned: int, theirs_now: int) -> int:
    """How much of a payout comes back when only `theirs_now` is the payee's any more; `returned` came back, or is on its way, already."""
    return max(0, sent - returned - theirs_now)
