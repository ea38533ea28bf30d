"""Our minor units (ISO 4217) and the processor's: the same but for a few currencies. Pure.

Source: https://docs.stripe.com/currencies, special cases. ISK has no decimals but is written with two; MGA has two in ISO 4217 and none at the processor;
three-decimal currencies must end in a zero. UGX stands in two places of that page with two meanings, so we do not charge in it.
"""

from core.money import THREE_DECIMAL

MULTIPLIED = {"ISK": 100}
DIVIDED = {"MGA": 100}
REFUSED = frozenset({"UGX"})
# The least that is charged, in our minor units; https://docs.stripe.com/currencies, minimum charge amounts. Of other currencies: anything.
LEAST = {
    **dict.fromkeys(("AUD", "BRL", "CAD", "CHF", "EUR", "INR", "NZD", "SGD", "USD"), 50),
    "AED": 200,
    "BGN": 100,
    "CZK": 1500,
    "DKK": 250,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17_500,
    "JPY": 50,
    "MXN": 1000,
    "MYR": 200,
    "NOK": 300,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "THB": 1000,
}


class AmountNotPossible(ValueError):
    """This amount of this currency cannot be said to the processor."""


def can_be_charged(amount: int, currency: str) -> bool:
    """Whether `amount` minor units of `currency` can be charged, refunded or transferred exactly."""
    return currency not in REFUSED and amount > 0 and amount == sayable(amount, currency)


def sayable(amount: int, currency: str) -> int:
    """The largest amount not above this one that can be said exactly."""
    return amount - amount % (10 if currency in THREE_DECIMAL else DIVIDED.get(currency, 1))


def least_charged(currency: str) -> int:
    """The least that is charged at once, in minor units."""
    return LEAST.get(currency, 1)


def is_enough(amount: int, currency: str) -> bool:
    """Whether a charge of this is not too small to be made."""
    return amount >= least_charged(currency)


def to_processor(amount: int, currency: str) -> int:
    """The processor's integer for `amount` of our minor units; AmountNotPossible rather than a rounded one."""
    if not can_be_charged(amount, currency):
        raise AmountNotPossible(f"{amount} {currency}")
    return amount * MULTIPLIED.get(currency, 1) // DIVIDED.get(currency, 1)


def from_processor(amount: int, currency: str) -> int:
    """Our minor units. May be negative (a balance transaction)."""
    whole, rest = divmod(amount * DIVIDED.get(currency, 1), MULTIPLIED.get(currency, 1))
    if rest:
        raise AmountNotPossible(f"{amount} {currency.lower()} of the processor")
    return whole
