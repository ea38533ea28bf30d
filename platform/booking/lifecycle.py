"""The states of a booking and the only steps between them. Pure.

One row lives from hold to done. A held or confirmed booking takes its people's time; a requested one does unless its service says
otherwise; an ended one never does, and there is no way back from an end.
"""

from enum import StrEnum

from core.errors import Conflict


class State(StrEnum):
    """Where a booking stands."""

    HELD = "held"
    REQUESTED = "requested"
    CONFIRMED = "confirmed"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    RELEASED = "released"


STEPS: dict[State, frozenset[State]] = {
    State.HELD: frozenset({State.REQUESTED, State.CONFIRMED, State.EXPIRED, State.RELEASED}),
    State.REQUESTED: frozenset({State.CONFIRMED, State.DECLINED, State.EXPIRED, State.WITHDRAWN}),
    State.CONFIRMED: frozenset({State.COMPLETED, State.NO_SHOW, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.NO_SHOW: frozenset(),
    State.CANCELLED: frozenset(),
    State.DECLINED: frozenset(),
    State.WITHDRAWN: frozenset(),
    State.EXPIRED: frozenset(),
    State.RELEASED: frozenset(),
}
ENDS = frozenset(state for state, steps in STEPS.items() if not steps)
LIVE = frozenset(State) - ENDS


class BookingEnded(Conflict):
    """The booking is over; nothing can happen to it any more."""

    code = "ended"
    detail = "This booking is already over, so it cannot be changed."


class StepNotPossible(Conflict):
    """The booking is alive, but this step does not lead on from where it stands; most often somebody else was faster."""

    code = "not_possible_now"
    detail = "This is not possible any more: the booking has moved on meanwhile."


def step(current: State, target: State) -> State:
    """`target`, if the table allows the step from `current`; else BookingEnded or StepNotPossible, each with the current state."""
    if target in STEPS[current]:
        return target
    if current in ENDS:
        raise BookingEnded(extra={"state": current.value})
    raise StepNotPossible(extra={"state": current.value})


def require_state(current: State, wanted: State) -> None:
    """BookingEnded or StepNotPossible, each with the current state, unless the booking stands where it should."""
    if current is wanted:
        return
    raise (BookingEnded if current in ENDS else StepNotPossible)(extra={"state": current.value})


def takes_time(state: State, *, requests_block: bool = True) -> bool:
    """Whether a booking in this state keeps others off its people's time."""
    return state in {State.HELD, State.CONFIRMED} or (state is State.REQUESTED and requests_block)
