"""Flows: effects on our balance, as the processor lists them and as our books have them, laid over each other by what they follow from. Pure.

Amounts are signed minor units: negative leaves the balance. A flow is named by the processor's own id of the charge, refund, dispute, transfer or reversal it
follows from, so that each has at most one counterpart.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from payments.processor_balance import BILLED, TO_BANK
from payments.processor_facts import BalanceEntry

FlowKind: TypeAlias = Literal["captured", "fee", "refund", "refund_back", "transfer", "reversal", "dispute", "dispute_back", "own", "other"]
Key: TypeAlias = tuple[FlowKind, str]

KIND_OF: dict[str, FlowKind] = {
    "charge": "captured",
    "payment": "captured",
    "refund": "refund",
    "payment_refund": "refund",
    "refund_failure": "refund_back",
    "payment_failure_refund": "refund_back",
    "transfer": "transfer",
    "transfer_refund": "reversal",
}
DISPUTES = ("du_", "dp_")


@dataclass(frozen=True, slots=True)
class Flow:
    """One effect on the balance."""

    kind: FlowKind
    name: str
    amount: int
    currency: str
    at: datetime

    @property
    def key(self) -> Key:
        return self.kind, self.name


@dataclass(frozen=True, slots=True)
class Laid:
    """The two sides over each other: pairs (theirs, ours), and what has no counterpart."""

    paired: list[tuple[Flow, Flow]]
    theirs: list[Flow]
    ours: list[Flow]

    @property
    def unequal(self) -> list[tuple[Flow, Flow]]:
        return [(theirs, ours) for theirs, ours in self.paired if (theirs.amount, theirs.currency) != (ours.amount, ours.currency)]


def flows_of(entry: BalanceEntry) -> list[Flow]:
    """A line of our balance as flows; they add up to its net. A fee is named by what it was taken for."""
    kind, name = _kind_of(entry), entry.source or entry.id
    if kind in {"own", "other"}:
        return [Flow(kind, entry.id, entry.net, entry.currency, entry.created_at)]
    parts: list[tuple[FlowKind, int]] = [(kind, entry.amount), ("fee", -entry.fee)]
    return [Flow(part, name, amount, entry.currency, entry.created_at) for part, amount in parts if amount]


def lay(theirs: Iterable[Flow], ours: Iterable[Flow]) -> Laid:
    """Pair what has the same kind and name; several flows of one key count together, at the time of the first."""
    there, here = _merged(theirs), _merged(ours)
    paired = [(flow, here[key]) for key, flow in there.items() if key in here]
    return Laid(paired, [flow for key, flow in there.items() if key not in here], [flow for key, flow in here.items() if key not in there])


def totals(flows: Iterable[Flow]) -> dict[str, int]:
    """Their sum by currency."""
    sums: dict[str, int] = {}
    for flow in flows:
        sums[flow.currency] = sums.get(flow.currency, 0) + flow.amount
    return sums


def _kind_of(entry: BalanceEntry) -> FlowKind:
    if entry.kind in BILLED | TO_BANK:
        return "own"
    if entry.kind == "adjustment" and (entry.source or "").startswith(DISPUTES):
        return "dispute" if entry.amount < 0 else "dispute_back"
    return KIND_OF.get(entry.kind, "other")


def _merged(flows: Iterable[Flow]) -> dict[Key, Flow]:
    merged: dict[Key, Flow] = {}
    for flow in flows:
        known = merged.get(flow.key)
        merged[flow.key] = flow if known is None else replace(known, amount=known.amount + flow.amount, at=min(known.at, flow.at))
    return {key: flow for key, flow in merged.items() if flow.amount}
