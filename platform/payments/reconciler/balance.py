"""Whether our balance with the processor is what its lines and our books explain. Pure; by currency, in minor units."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from payments.reconciler.facts import Ours
from payments.reconciler.flows import Flow, Laid, totals

Drift = Mapping[str, int]


def unexplained(balance: Mapping[str, int], laid: Laid, ours: Ours, *, since: datetime, there: set[tuple[str, str]], carried: Drift) -> dict[str, int]:
    """What is left of the processor's total less ours once everything since `since` is taken off both, and `carried`: the differences that are known from
    before. `there` are keys of movements since then whose line is older."""
    lines = totals(flow for flow in _theirs(laid) if flow.at >= since)
    movements = totals([here for line, here in laid.paired if line.at >= since] + [each for each in laid.ours if each.at >= since and each.key not in there])
    left = {}
    for currency in {*balance, *ours.booked}:
        before_there = balance.get(currency, 0) - lines.get(currency, 0)
        before_here = ours.booked.get(currency, 0) - ours.decided.get(currency, 0) - movements.get(currency, 0)
        left[currency] = before_there - before_here - carried.get(currency, 0)
    return {currency: amount for currency, amount in left.items() if amount}


def drift_of(drifts: Iterable[list[str | int]]) -> dict[str, int]:
    """By currency, of a difference as it is kept."""
    sums: dict[str, int] = {}
    for _, currency, amount in drifts:
        sums[str(currency)] = sums.get(str(currency), 0) + int(amount)
    return sums


def _theirs(laid: Laid) -> Iterable[Flow]:
    yield from (line for line, _ in laid.paired)
    yield from laid.theirs
