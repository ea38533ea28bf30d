"""What is known on both sides about what the flows are named by, as plain values. Pure."""

from dataclasses import dataclass, field
from datetime import datetime

from payments.processor_facts import BalanceEntry, Dispute, PaymentIntent, Refund, Reversal, Transfer
from payments.reconciler.flows import Flow


@dataclass(frozen=True, slots=True)
class Theirs:
    """What the processor said. `balance` is its total by currency, None when it moved while we read. Lists hold what was created from `begin` on."""

    begin: datetime
    entries: list[BalanceEntry]
    intents: list[PaymentIntent]
    refunds: list[Refund]
    disputes: list[Dispute]
    transfers: list[Transfer]
    reversals: list[Reversal]
    balance: dict[str, int] | None


@dataclass(frozen=True, slots=True)
class PaymentFact:
    """`live`: something is open at the processor that can still be paid."""

    id: int
    public_id: str
    reference: str
    purpose: str
    state: str
    payer_id: int
    payee_id: int | None
    intent: str | None
    charge: str | None
    captured: int
    returned: int
    currency: str
    settled_at: datetime | None
    told: bool
    disputed: bool
    live: bool


@dataclass(frozen=True, slots=True)
class RefundFact:
    id: int
    public_id: str
    payment_id: int
    name: str | None
    state: str


@dataclass(frozen=True, slots=True)
class DisputeFact:
    id: int
    payment_id: int
    name: str
    state: str
    amount: int
    currency: str


@dataclass(frozen=True, slots=True)
class PayoutFact:
    """`account` is the payee's account at the processor."""

    id: int
    public_id: str
    payment_id: int | None
    payee_id: int
    name: str | None
    state: str
    account: str | None


@dataclass(frozen=True, slots=True)
class ReversalFact:
    id: int
    payout_id: int
    name: str | None


@dataclass(slots=True)
class Ours:
    """Rows by id, as far as a flow or an object of the processor names them; `flows` are the movements on the account `balance`.

    `booked` is that account's total by currency; `decided` the part of it that people decided about differences; `payees` whose each account is.
    """

    flows: list[Flow] = field(default_factory=list)
    payments: dict[int, PaymentFact] = field(default_factory=dict)
    refunds: dict[int, RefundFact] = field(default_factory=dict)
    disputes: dict[int, DisputeFact] = field(default_factory=dict)
    payouts: dict[int, PayoutFact] = field(default_factory=dict)
    reversals: dict[int, ReversalFact] = field(default_factory=dict)
    payees: dict[str, int] = field(default_factory=dict)
    booked: dict[str, int] = field(default_factory=dict)
    decided: dict[str, int] = field(default_factory=dict)
