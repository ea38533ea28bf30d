"""Have one thing made at the processor, once, however often it is tried and whatever is lost on the way: key, call, look again, another key.

The key is written down before the first call and goes with each repetition, for ten minutes: the processor keeps even a failure of its own under a key for a
day (https://docs.stripe.com/api/idempotent_requests). After that what was sent is looked for in the processor's lists, and only where it is not there is it
sent anew, with another key. In the minute between nothing is made: a call with the old key, begun in its last moment, may still be on its way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol, TypeVar

from core.clock import now as now_of_transaction
from core.db import transaction

KEY_HOLDS = timedelta(minutes=10)
# Longer than every try of one call together: `processor_line`.
ON_ITS_WAY = timedelta(minutes=1)
# The processor's clock is not ours.
LOOK_AROUND = timedelta(minutes=10)
MARK = "~"
Made = TypeVar("Made")


class Step(StrEnum):
    """What is to be done about something that was written down."""

    CALL = "call"  # with its key, for the first time or again
    LOOK = "look"  # whether it is there, and nothing else
    ANEW = "anew"  # with another key, where it is not there


class Sent(Protocol):
    """A row with a `key`, a text, and when it was first used."""

    key: Any
    sent_at: Any


@dataclass(frozen=True, slots=True)
class Turn:
    """One try: its step, and the key as it stood when the try began."""

    step: Step
    key: str


def step_at(sent_at: datetime | None, now: datetime) -> Step:
    """Which step it is `now` for a key that was first used at `sent_at`. Pure."""
    if sent_at is None or now - sent_at < KEY_HOLDS:
        return Step.CALL
    return Step.LOOK if now - sent_at < KEY_HOLDS + ON_ITS_WAY else Step.ANEW


def begin_turn(row: Sent, *, now: datetime) -> Turn:
    """Write down that it is tried. The caller holds the row's lock, and makes the call in no transaction."""
    step = step_at(row.sent_at, now)
    row.sent_at = row.sent_at or now
    return Turn(step, row.key)


def make_once(turn: Turn, *, lock: Callable[[], Sent | None], find: Callable[[], Made | None], make: Callable[[str], Made]) -> Made | None:
    """What was made, now or before; None when that is not known yet: ask again later. Raises what `find` and `make` raise.

    `lock` gives the row, locked, or None when nothing is to be sent any more; it is called in a transaction of its own, `find` and `make` in none.
    """
    if turn.step is Step.CALL:
        return make(turn.key)
    found = find()
    if found is not None or turn.step is Step.LOOK:
        return found
    key = _another_key(turn, lock)
    return None if key is None else make(key)


def another(key: str) -> str:
    """The key after this one."""
    stem, _, number = key.partition(MARK)
    return f"{stem}{MARK}{int(number or 1) + 1}"


def _another_key(turn: Turn, lock: Callable[[], Sent | None]) -> str | None:
    """None when somebody else was faster."""
    with transaction():
        row = lock()
        if row is None or row.key != turn.key:
            return None
        row.key, row.sent_at = another(turn.key), now_of_transaction()
        return str(row.key)
