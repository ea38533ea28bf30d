"""When a date of a series is charged to the kept card. Pure; instants are aware UTC, hours are elapsed ones.

48 hours before the start; once more 24 hours before; still unpaid 12 hours before, its therapist chooses whether it stays. A date that comes so near because it
was moved, or because nobody worked meanwhile, is tried at once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

TRIES = (timedelta(hours=48), timedelta(hours=24))
UNPAID_AT = timedelta(hours=12)


class Step(StrEnum):
    WAIT = "wait"
    TRY = "try"
    UNPAID = "unpaid"


def charged_at(start: datetime, *, now: datetime) -> datetime:
    """When it is first charged."""
    return max(start - TRIES[0], now)


def again_at(start: datetime) -> datetime:
    """When it is tried again."""
    return start - TRIES[1]


def unpaid_at(start: datetime) -> datetime:
    """Until when it has to be paid."""
    return start - UNPAID_AT


def next_step(start: datetime, tried_at: datetime | None, *, now: datetime) -> Step:
    """What is to be done now, if it was last tried at `tried_at`."""
    due = [start - before for before in TRIES if start - before <= now]
    if due and (tried_at is None or tried_at < due[-1]) and (now < unpaid_at(start) or tried_at is None):
        return Step.TRY
    return Step.UNPAID if tried_at is not None and now >= unpaid_at(start) else Step.WAIT


@dataclass(frozen=True, slots=True)
class PlannedCharge:
    """`how`: at_checkout (right away), before_it (at `at`), or not_here."""

    how: str
    at: datetime | None


HOW = ("at_checkout", "before_it", "not_here")


def plan_charges(starts: Sequence[datetime | None], costs: Sequence[bool], *, now: datetime) -> list[PlannedCharge]:
    """For dates in order: the first that costs something is paid at the checkout, each later one before it. A date without a start, or that cannot be booked,
    costs nothing.
    """
    planned, is_first = [], True
    for start, costs_here in zip(starts, costs, strict=True):
        if start is None or not costs_here:
            planned.append(PlannedCharge("not_here", None))
        elif is_first:
            planned.append(PlannedCharge("at_checkout", None))
            is_first = False
        else:
            planned.append(PlannedCharge("before_it", charged_at(start, now=now)))
    return planned
