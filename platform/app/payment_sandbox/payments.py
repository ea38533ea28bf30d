"""PaymentIntents and charges: one try at a time, and a declined one is not the end.

requires_payment_method -> requires_action -> processing -> succeeded, or canceled; https://docs.stripe.com/payments/paymentintents/lifecycle
"""

import secrets
from typing import Any

from app.payment_sandbox import balance, disputes
from app.payment_sandbox.cards import Card, card_of
from app.payment_sandbox.refusals import Refused, card_error, no_such, wrong_state
from app.payment_sandbox.world import Thing, World, shown

CANCELABLE = frozenset({"requires_payment_method", "requires_confirmation", "requires_action", "requires_capture"})
WORDS = {
    "authentication_required": "This payment needs its payer to authenticate it with the bank.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "insufficient_funds": "Your card has insufficient funds.",
}
LEAST_AMOUNT = {"usd": 50, "eur": 50, "gbp": 30, "jpy": 50}
MOST_AMOUNT = 99_999_999


def new_intent(world: World, *, amount: int, currency: str, customer: str | None, data: dict[str, Any]) -> Thing:
    """Without a payment method yet."""
    check_amount(amount, currency)
    intent = world.make(
        "payment_intent",
        amount=amount,
        amount_capturable=0,
        amount_received=0,
        canceled_at=None,
        cancellation_reason=None,
        capture_method="automatic_async",
        client_secret=None,
        confirmation_method="automatic",
        currency=currency,
        customer=customer,
        description=data.get("description"),
        last_payment_error=None,
        latest_charge=None,
        livemode=False,
        metadata=dict(data.get("metadata") or {}),
        next_action=None,
        payment_method=None,
        payment_method_types=["card"],
        receipt_email=None,
        setup_future_usage=data.get("setup_future_usage"),
        statement_descriptor=None,
        status="requires_payment_method",
        transfer_group=data.get("transfer_group"),
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(8)}"
    world.emit("payment_intent.created", intent)
    return intent


def check_amount(amount: int, currency: str) -> None:
    if amount < LEAST_AMOUNT.get(currency, 1):
        raise Refused("Amount must be at least the smallest that can be charged.", code="amount_too_small", param="amount")
    if amount > MOST_AMOUNT:
        raise Refused("Amount must be no more than 999,999.99.", code="amount_too_large", param="amount")
    if len(currency) != 3 or not currency.isalpha() or currency != currency.lower():
        raise Refused(f"Invalid currency: {currency}.", param="currency")


def create(world: World, said: dict[str, Any]) -> Thing:
    """Only what is confirmed at once with a saved card: the product has no card form of its own."""
    method_id, customer = said.get("payment_method"), said.get("customer")
    if not said.get("confirm"):
        if said.get("off_session"):
            raise Refused("off_session can only be used with confirm.", param="off_session")
        return new_intent(world, amount=said["amount"], currency=said["currency"], customer=customer, data=said)
    method = world.find("payment_method", method_id or "")
    if method is None:
        raise no_such("PaymentMethod", method_id or "", "payment_method")
    if customer and world.find("customer", customer) is None:
        raise no_such("customer", customer, "customer")
    if method["customer"] != customer:
        raise Refused("The payment method belongs to another customer, or to none.", code="payment_method_customer_mismatch", param="payment_method")
    intent = new_intent(world, amount=said["amount"], currency=said["currency"], customer=customer, data=said)
    attempt(world, intent, method, off_session=bool(said.get("off_session")))
    if intent["last_payment_error"]:
        error = dict(intent["last_payment_error"])
        raise card_error(error.pop("message"), error["code"], error.get("decline_code"), charge=intent["latest_charge"], payment_intent=shown(intent))
    return intent


def attempt(world: World, intent: Thing, method: Thing, *, off_session: bool = False) -> None:
    """One try with one card. Leaves the intent succeeded, processing, waiting for the person, or back at the beginning."""
    card = card_of(method)
    world.touch(intent)
    intent.update(payment_method=method["id"], last_payment_error=None, next_action=None)
    known = method["_authenticated"] and card.asks == "unless_saved"
    if card.asks == "never" or known:
        _settle(world, intent, method, card, off_session=off_session)
    elif off_session:
        _decline(world, intent, method, "authentication_required", "authentication_required")
    else:
        address = f"{world.settings.get('address', '')}/authenticate/{intent['id']}"
        intent.update(status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": {"url": address, "return_url": None}})
        world.emit("payment_intent.requires_action", intent)


def authenticate(world: World, intent: Thing, *, approved: bool) -> None:
    """What the person said to their bank. Refused when nobody asks any more."""
    if intent["status"] != "requires_action":
        raise wrong_state("This payment does not wait for its payer.", "payment_intent_unexpected_state")
    method = world.find("payment_method", intent["payment_method"])
    assert method is not None
    world.touch(intent)
    intent["next_action"] = None
    if not approved:
        _decline(world, intent, method, "payment_intent_authentication_failure", None)
        return
    method["_authenticated"] = True
    world.touch(method)
    _settle(world, intent, method, card_of(method), off_session=False)


def _settle(world: World, intent: Thing, method: Thing, card: Card, *, off_session: bool) -> None:
    if card.declines and (off_session or not card.only_later):
        _decline(world, intent, method, *card.declines)
        return
    if delay := int(world.settings.get("processing_seconds", 0)):
        intent["status"] = "processing"
        world.emit("payment_intent.processing", intent)
        world.later(world.now() + delay, "payment_intent.capture", intent["id"])
        return
    capture(world, intent["id"])


def capture(world: World, identifier: str) -> None:
    """The money comes. Also the alarm of one that was processing."""
    intent = world.find("payment_intent", identifier)
    assert intent is not None
    method = world.find("payment_method", intent["payment_method"])
    assert method is not None
    charge = _charge(world, intent, method, paid=True)
    line = balance.write(
        world, "charge", charge["amount"], charge["currency"], source=charge["id"], fee=balance.fee_of(charge["amount"], charge["currency"]), at_once=False
    )
    charge["balance_transaction"] = line["id"]
    world.touch(intent)
    intent.update(status="succeeded", amount_received=intent["amount"], latest_charge=charge["id"])
    world.emit("charge.succeeded", charge)
    if intent["setup_future_usage"] and intent["customer"]:
        save(world, method, intent["customer"])
    world.emit("payment_intent.succeeded", intent)
    for hear in world.paid:
        hear(world, intent)
    if reason := card_of(method).disputes:
        disputes.open_dispute(world, charge, reason=reason)


def save(world: World, method: Thing, customer: str) -> None:
    """Attach a card to a customer; what its bank was shown once counts from now on."""
    world.touch(method)
    method["_authenticated"] = True
    if method["customer"] != customer:
        method["customer"] = customer
        world.emit("payment_method.attached", method)


def _decline(world: World, intent: Thing, method: Thing, code: str, decline_code: str | None) -> None:
    message = WORDS.get(decline_code or code, "Your card was declined." if decline_code else "The bank did not confirm who you are. Please use another card.")
    kind = "card_error" if decline_code else "invalid_request_error"
    error = {"code": code, "decline_code": decline_code, "message": message, "type": kind, "payment_method": shown(method)}
    charge = _charge(world, intent, method, paid=False, failure=(code, message)) if decline_code else None
    intent.update(
        status="requires_payment_method",
        payment_method=None,
        latest_charge=charge["id"] if charge else intent["latest_charge"],
        last_payment_error={name: value for name, value in error.items() if value is not None},
    )
    if charge:
        world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)


def _charge(world: World, intent: Thing, method: Thing, *, paid: bool, failure: tuple[str, str] | None = None) -> Thing:
    return world.make(
        "charge",
        amount=intent["amount"],
        amount_captured=intent["amount"] if paid else 0,
        amount_refunded=0,
        balance_transaction=None,
        billing_details=method["billing_details"],
        captured=paid,
        currency=intent["currency"],
        customer=intent["customer"],
        description=intent["description"],
        disputed=False,
        failure_code=failure[0] if failure else None,
        failure_message=failure[1] if failure else None,
        livemode=False,
        metadata=dict(intent["metadata"]),
        paid=paid,
        payment_intent=intent["id"],
        payment_method=method["id"],
        payment_method_details={"card": {name: method["card"][name] for name in ("brand", "last4", "exp_month", "exp_year")}, "type": "card"},
        receipt_url=None,
        refunded=False,
        status="succeeded" if paid else "failed",
        transfer_group=intent["transfer_group"],
    )


def cancel(world: World, said: dict[str, Any], identifier: str) -> Thing:
    intent = of(world, identifier)
    if intent.get("_session"):
        raise wrong_state("A PaymentIntent of a Checkout Session ends with the session: expire that.", "payment_intent_unexpected_state")
    return end(world, intent, said.get("cancellation_reason"))


def end(world: World, intent: Thing, reason: str | None) -> Thing:
    """Final. Refused once it has succeeded, is processing, or has ended."""
    if intent["status"] not in CANCELABLE:
        message = f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}."
        raise wrong_state(message, "payment_intent_unexpected_state", payment_intent=shown(intent))
    world.touch(intent)
    intent.update(status="canceled", canceled_at=world.now(), cancellation_reason=reason, next_action=None)
    world.emit("payment_intent.canceled", intent)
    return intent


def of(world: World, identifier: str) -> Thing:
    intent = world.find("payment_intent", identifier)
    if intent is None:
        raise no_such("payment_intent", identifier, "intent")
    return intent
