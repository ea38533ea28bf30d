"""What stands on a receipt or statement, whatever it is written on. Pure; every text is ready to be read."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

NOT_A_SUPERBILL = (
    "This is not a superbill: it names no diagnosis, treatment or procedure, and we hold none. If your insurer needs one, ask your therapist, who can write it."
)
OUR_ROLE = (
    "Attune takes payments by card for therapists. The therapist named here is the seller; "
    "Attune is not a party to what was sold, and added nothing to its price."
)
PAID_AHEAD = (
    "A gift code is an amount paid ahead, and no sale of a service yet. What it is spent on is sold by the therapist who gives it, with any tax on it; "
    "it can be spent until it is used up."
)
GIFT_PART = (
    "What was paid with a gift code was paid ahead to Attune by whoever bought the code. It is passed on to the seller named here, who sells this, "
    "once the appointment took place or was lost late."
)
NO_TAX_STATED = "The seller has stated no tax on this."


@dataclass(frozen=True, slots=True)
class Table:
    """`rows` are as wide as `head`. `totals` are further rows of the same width, set apart; the last columns from `numbers_from` on are amounts.
    `receipts` names the payment whose receipt each row is about, for a page to lead there.
    """

    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    totals: Sequence[Sequence[str]]
    numbers_from: int
    receipts: Sequence[uuid.UUID] = ()


@dataclass(frozen=True, slots=True)
class Paper:
    """`facts` are (label, value); a value may have several lines."""

    title: str
    facts: Sequence[tuple[str, str]]
    table: Table
    notes: Sequence[str]
    file_name: str
