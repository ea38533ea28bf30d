"""Customers, their saved cards, and SetupIntents: how a card is saved without a payment."""

import secrets
from typing import Any

from app.payment_sandbox import payments
from app.payment_sandbox.cards import card_of
from app.payment_sandbox.refusals import Refused, no_such, wrong_state
from app.payment_sandbox.world import Thing, World


def create(world: World, said: dict[str, Any]) -> Thing:
    customer = world.make(
        "customer",
        address=None,
        balance=0,
        currency=None,
        default_source=None,
        delinquent=False,
        description=said.get("description"),
        email=said.get("email"),
        invoice_prefix=secrets.token_hex(4).upper(),
        invoice_settings={"custom_fields": None, "default_payment_method": None, "footer": None, "rendering_options": None},
        livemode=False,
        metadata=dict(said.get("metadata") or {}),
        name=said.get("name"),
        phone=None,
        preferred_locales=[],
        shipping=None,
        tax_exempt="none",
        test_clock=None,
    )
    world.emit("customer.created", customer)
    return customer


def required(world: World, identifier: str, param: str = "customer") -> Thing:
    customer = world.find("customer", identifier)
    if customer is None:
        raise no_such("customer", identifier, param)
    return customer


def detach(world: World, _said: dict[str, Any], identifier: str) -> Thing:
    method = world.find("payment_method", identifier)
    if method is None:
        raise no_such("PaymentMethod", identifier, "payment_method")
    if method["customer"] is None:
        message = "The payment method you provided is not attached to a customer so detachment is impossible."
        raise wrong_state(message, "payment_method_not_available")
    world.touch(method)
    method["customer"] = None
    world.emit("payment_method.detached", method)
    return method


def new_setup_intent(world: World, *, customer: str | None, metadata: dict[str, str]) -> Thing:
    intent = world.make(
        "setup_intent",
        application=None,
        cancellation_reason=None,
        client_secret=None,
        customer=customer,
        description=None,
        last_setup_error=None,
        latest_attempt=None,
        livemode=False,
        mandate=None,
        metadata=metadata,
        next_action=None,
        payment_method=None,
        payment_method_types=["card"],
        status="requires_payment_method",
        usage="off_session",
    )
    intent["client_secret"] = f"{intent['id']}_secret_{secrets.token_hex(8)}"
    world.emit("setup_intent.created", intent)
    return intent


def attempt_setup(world: World, intent: Thing, method: Thing) -> None:
    """A card that is declined when it is charged is saved all the same, where it says so."""
    card = card_of(method)
    world.touch(intent)
    intent.update(last_setup_error=None, payment_method=method["id"], next_action=None)
    if card.declines and not card.only_later:
        _decline(world, intent, *card.declines)
    elif card.asks != "never":
        address = f"{world.settings.get('address', '')}/authenticate/{intent['id']}"
        intent.update(status="requires_action", next_action={"type": "redirect_to_url", "redirect_to_url": {"url": address, "return_url": None}})
        world.emit("setup_intent.requires_action", intent)
    else:
        _succeed(world, intent, method)


def authenticate_setup(world: World, intent: Thing, *, approved: bool) -> None:
    if intent["status"] != "requires_action":
        raise wrong_state("This SetupIntent does not wait for anybody.", "setup_intent_unexpected_state")
    method = world.find("payment_method", intent["payment_method"])
    assert method is not None
    world.touch(intent)
    intent["next_action"] = None
    if approved:
        _succeed(world, intent, method)
    else:
        _decline(world, intent, "setup_intent_authentication_failure", None)


def _succeed(world: World, intent: Thing, method: Thing) -> None:
    payments.save(world, method, intent["customer"])
    intent["status"] = "succeeded"
    world.emit("setup_intent.succeeded", intent)


def _decline(world: World, intent: Thing, code: str, decline_code: str | None) -> None:
    error = {"code": code, "message": payments.WORDS.get(decline_code or code, "Your card was declined."), "type": "card_error"}
    if decline_code:
        error["decline_code"] = decline_code
    intent.update(status="requires_payment_method", payment_method=None, last_setup_error=error)
    world.emit("setup_intent.setup_failed", intent)


def cancel_setup(world: World, intent: Thing) -> None:
    """When its page has expired."""
    if intent["status"] in ("succeeded", "canceled"):
        raise Refused("This SetupIntent has ended.", code="setup_intent_unexpected_state")
    world.touch(intent)
    intent.update(status="canceled", cancellation_reason="abandoned", next_action=None)
    world.emit("setup_intent.canceled", intent)
