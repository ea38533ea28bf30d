"""Test cards: numbers that mean what Stripe's documentation lets them mean (https://docs.stripe.com/testing), and the payment methods made of them."""

from dataclasses import dataclass

from app.payment_sandbox.refusals import Refused
from app.payment_sandbox.world import Thing, World

SHORTEST_NUMBER, LONGEST_NUMBER = 13, 19


@dataclass(frozen=True)
class Card:
    """What a number means.

    `declines`: the error's code and the decline code of every try; `only_later`: not of the first. `asks`: whether the bank wants to see the person:
    ``never``, ``unless_saved``, ``always``. `late`: its refunds stay ``pending``, or succeed and ``fails`` afterwards. `disputes`: the reason of a dispute
    right after the payment.
    """

    about: str
    brand: str = "visa"
    declines: tuple[str, str] | None = None
    only_later: bool = False
    asks: str = "never"
    late: str = ""
    disputes: str = ""


CARDS = {
    "4242424242424242": Card("is paid"),
    "5555555555554444": Card("is paid (Mastercard)", brand="mastercard"),
    "4000000000000002": Card("is declined", declines=("card_declined", "generic_decline")),
    "4000000000009995": Card("is declined: not enough money", declines=("card_declined", "insufficient_funds")),
    "4000000000000069": Card("is declined: expired card", declines=("expired_card", "expired_card")),
    "4000000000000127": Card("is declined: wrong security code", declines=("incorrect_cvc", "incorrect_cvc")),
    "4000000000000341": Card("is saved, and declined whenever it is charged", declines=("card_declined", "generic_decline"), only_later=True),
    "4000002500003155": Card("asks its holder once (3-D Secure), then is paid", asks="unless_saved"),
    "4000002760003184": Card("asks its holder every time (3-D Secure)", asks="always"),
    "4000008400001629": Card("asks its holder, then is declined", asks="always", declines=("card_declined", "generic_decline")),
    "4000000000007726": Card("is paid; its refunds stay pending", late="pending"),
    "4000000000005126": Card("is paid; its refunds fail afterwards", late="fails"),
    "4000000000000259": Card("is paid, and disputed as fraud", disputes="fraudulent"),
    "4000000000002685": Card("is paid, and disputed: not received", disputes="product_not_received"),
}


def card_of(method: Thing) -> Card:
    return CARDS[method["_number"]]


def make_method(world: World, number: str, *, month: int = 12, year: int = 2034) -> Thing:
    """A payment method of a card; Refused for a number that no test card has."""
    digits = "".join(each for each in number if not each.isspace())
    card = CARDS.get(digits)
    if card is None:
        message = (
            "Your card number is incorrect." if digits.isdigit() and SHORTEST_NUMBER <= len(digits) <= LONGEST_NUMBER else "Your card number is incomplete."
        )
        raise Refused(message, status=402, kind="card_error", code="incorrect_number", param="number")
    return world.make(
        "payment_method",
        type="card",
        customer=None,
        livemode=False,
        metadata={},
        allow_redisplay="limited",
        billing_details={"address": None, "email": None, "name": None, "phone": None},
        card={
            "brand": card.brand,
            "country": "US",
            "exp_month": month,
            "exp_year": year,
            "fingerprint": f"fingerprint_{digits[-6:]}",
            "funding": "credit",
            "last4": digits[-4:],
        },
        _number=digits,
        _authenticated=False,
    )
