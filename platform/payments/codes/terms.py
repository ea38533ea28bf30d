"""What a code takes off, and when it holds. Pure; amounts are minor units, instants aware UTC, windows half-open.

The price before and the price after are both shown. What is taken off comes out of our fee first (`platform`) or out of the therapist's part (`payee`), as the
code says; a payee never bears a code of ours.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from core.money import Money, share
from payments.processor_amounts import is_enough, sayable

Bearer: TypeAlias = Literal["platform", "payee"]
BEARERS: tuple[Bearer, ...] = ("platform", "payee")
# Why a code does not hold, in the order in which it is asked.
REFUSALS = {
    "not_yet": "This code does not hold yet.",
    "over": "This code does not hold any more.",
    "not_yours": "There is no such code.",
    "other_payee": "This code is for another therapist.",
    "currency": "This code is for another currency.",
    "first_only": "This code is for a first session only.",
    "used_up": "This code has been used as often as it can be.",
    "used_by_you": "You have used this code already.",
    "nothing_off": "This costs nothing, so there is nothing to take off.",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """`points` hundredths of a percent, or `off`, exactly one of them. None where a limit is not set. `uses` counts those that stand; `uses_of_person` the
    payer's own.
    """

    points: int | None = None
    off: Money | None = None
    holds_from: datetime | None = None
    holds_until: datetime | None = None
    person_id: int | None = None
    payee_id: int | None = None
    first_only: bool = False
    most_uses: int | None = None
    most_uses_each: int | None = 1
    bearer: Bearer = "platform"

    def __post_init__(self) -> None:
        if (self.points is None) == (self.off is None):
            raise ValueError("a code takes off a share or an amount")
        if self.points is not None and not 0 < self.points <= 10_000:
            raise ValueError("a share is more than nothing and at most all")
        if self.off is not None and self.off.amount == 0:
            raise ValueError("a code takes something off")
        if self.bearer == "payee" and self.payee_id is None:
            raise ValueError("who bears a code is named")


@dataclass(frozen=True, slots=True)
class Occasion:
    """What the code is to be used for, and by whom."""

    price: Money
    payer_id: int
    payee_id: int
    is_first: bool


def off(terms: Terms, price: Money) -> int:
    """What it takes off this price: never more than all of it, a share rounded half up. What is left can be charged: it is rounded down to what can be said of
    its currency, and what would be too little to be charged is nothing.
    """
    taken = min(price.amount, share(price.amount, terms.points) if terms.points is not None else terms.off.amount if terms.off else 0)
    left = sayable(price.amount - taken, price.currency)
    return price.amount - left if is_enough(left, price.currency) else price.amount


def refusal(terms: Terms, occasion: Occasion, *, uses: int, uses_of_person: int, now: datetime) -> str | None:
    """Why it does not hold here, as a code of `REFUSALS`; None when it does. Somebody else's code is answered like none at all."""
    found = {
        "not_yours": terms.person_id not in (None, occasion.payer_id),
        "not_yet": terms.holds_from is not None and now < terms.holds_from,
        "over": terms.holds_until is not None and now >= terms.holds_until,
        "other_payee": terms.payee_id not in (None, occasion.payee_id),
        "currency": terms.off is not None and terms.off.currency != occasion.price.currency,
        "first_only": terms.first_only and not occasion.is_first,
        "used_by_you": terms.most_uses_each is not None and uses_of_person >= terms.most_uses_each,
        "used_up": terms.most_uses is not None and uses >= terms.most_uses,
        "nothing_off": occasion.price.amount == 0,
    }
    return next((code for code, holds in found.items() if holds), None)


def parts(price: Money, taken_off: int, fee_points: int, bearer: Bearer) -> tuple[int, int]:
    """(the payee's part, our fee) of what is paid. Ours may be negative: then we add what the payer does not pay. They add up to what is paid."""
    paid = price.amount - taken_off
    if bearer == "payee":
        fee = share(paid, fee_points)
        return paid - fee, fee
    payee = price.amount - share(price.amount, fee_points)
    return payee, paid - payee
