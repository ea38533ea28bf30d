"""The accounts of the books, and what moves between them. Pure; amounts are minor units.

A movement debits one account and credits another with the same amount, which is double entry in one row: no set of them can fail to add up to zero in its
currency. Balances are debits less credits: what we hold or are owed is positive, what we owe or earned negative.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

Account: TypeAlias = Literal["balance", "receivable", "therapist", "platform", "processor_fee", "refund", "dispute", "prepaid", "written_off", "bank"]
ACCOUNTS: tuple[Account, ...] = get_args(Account)
MEANINGS: dict[Account, str] = {
    "balance": "our balance with the processor",
    "receivable": "what somebody owes and has not paid",
    "therapist": "what we owe a therapist, or they owe us",
    "platform": "our fees",
    "processor_fee": "what the processor takes for its work",
    "refund": "promised back to payers and not yet gone",
    "dispute": "taken by a bank while it decides",
    "prepaid": "paid ahead and not yet spent: packs and gift codes",
    "written_off": "lost, by a person's decision",
    "bank": "sent from the balance to our own bank",
}
# Accounts that belong to one person each.
PERSONAL: frozenset[Account] = frozenset({"receivable", "therapist"})

Side: TypeAlias = tuple[Account, int | None]


@dataclass(frozen=True, slots=True)
class Movement:
    """`amount` minor units of `currency` from the account `credit` into the account `debit`. `kind` says in a word why."""

    kind: str
    debit: Side
    credit: Side
    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.amount <= 0:
            raise ValueError("a movement moves something")
        if self.debit == self.credit:
            raise ValueError("a movement is between two accounts")
        for account, person_id in (self.debit, self.credit):
            if (account in PERSONAL) != (person_id is not None):
                raise ValueError(f"{account} is {'somebody’s' if account in PERSONAL else 'nobody’s'}")


def balances(movements: Iterable[Movement]) -> dict[tuple[Side, str], int]:
    """Debits less credits of each side and currency; what is even is left out."""
    sums: dict[tuple[Side, str], int] = defaultdict(int)
    for each in movements:
        sums[each.debit, each.currency] += each.amount
        sums[each.credit, each.currency] -= each.amount
    return {side: amount for side, amount in sums.items() if amount}


def moved(kind: str, debit: Side, credit: Side, amount: int, currency: str) -> list[Movement]:
    """One movement; none of nothing; the other way round for a negative amount."""
    if amount == 0:
        return []
    return [Movement(kind, debit, credit, amount, currency) if amount > 0 else Movement(kind, credit, debit, -amount, currency)]
