"""Money is an integer of minor units and an ISO 4217 currency. Nothing is converted; what is split adds up again. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

# Currencies whose minor unit is not a hundredth (ISO 4217); everything else here has two decimals.
ZERO_DECIMAL = frozenset({"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF", "XOF", "XPF"})
THREE_DECIMAL = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})


@dataclass(frozen=True, order=False)
class Money:
    """`amount` in minor units (pence, cents); never negative here."""

    amount: int
    currency: str

    def __post_init__(self) -> None:
        if self.amount < 0:
            raise ValueError("an amount is not negative")
        if len(self.currency) != 3 or not self.currency.isascii() or not self.currency.isupper():
            raise ValueError("a currency is three capital letters")

    @property
    def decimals(self) -> int:
        return 0 if self.currency in ZERO_DECIMAL else 3 if self.currency in THREE_DECIMAL else 2

    def __str__(self) -> str:
        if not self.decimals:
            return f"{self.currency} {self.amount}"
        unit = 10**self.decimals
        return f"{self.currency} {self.amount // unit}.{self.amount % unit:0{self.decimals}d}"


def of_units(written: str, currency: str) -> Money:
    """An amount as people write it: ``50``, ``50.5`` or ``50,50`` of the currency's unit. ValueError for anything else, and for more decimals than it has."""
    whole, _, part = written.replace(",", ".").partition(".")
    decimals = Money(0, currency).decimals
    if not (whole + part).isdecimal() or not (whole + part).isascii() or not whole or len(part) > decimals:
        raise ValueError("not an amount of this currency")
    return Money(int(whole + part.ljust(decimals, "0")), currency)


def split(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` in whole minor units by these weights, so that the parts add up to it exactly: what is left after rounding down goes, one unit each, to the
    largest remainders, and among equal ones to the first (Hamilton's method). A part of weight 0 is 0. ValueError for a negative amount or weight, and for an
    amount that nobody can be given.
    """
    whole = sum(weights)
    if amount < 0 or any(weight < 0 for weight in weights) or (whole == 0 and amount):
        raise ValueError("only what is there can be split, by weights of which one at least is not 0")
    if not whole:
        return [0] * len(weights)
    parts = [amount * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % whole), place))
    for place in by_remainder[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def share(amount: int, points: int) -> int:
    """`points` hundredths of a percent of `amount`, rounded half up to the minor unit."""
    return (amount * points + 5_000) // 10_000
