"""What a gift code pays of a price, and what stays of it when less is kept. Pure; amounts are minor units.

Between code and card the last that paid is given back first: of what is kept the code bears as much as it paid, and only what is beyond it is kept of the card.
"""

from payments.processor_amounts import least_charged, sayable


def pays(left: int, price: int, currency: str) -> int:
    """As much of `price` as `left` reaches for. What is then left for a card is nothing, or can be charged: never an amount that is too small for that."""
    if left >= price:
        return price
    return sayable(max(0, min(left, price - least_charged(currency))), currency)


def kept_of_code(keep: int, by_code: int) -> int:
    """Of `keep` minor units that stay of a price, those that stay of the `by_code` that a code paid of it."""
    return min(keep, by_code)


def kept_of_card(keep: int, by_code: int) -> int:
    """And those that stay of what a card paid of it."""
    return keep - kept_of_code(keep, by_code)


def share_of(fee: int, part: int, whole: int) -> int:
    """Our fee on `part` of a price, when it is `fee` on the `whole` of it: rounded half up. Less than nothing where we bear a discount."""
    return (2 * fee * part + whole) // (2 * whole) if whole else 0
