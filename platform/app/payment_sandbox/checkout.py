"""Checkout Sessions: open, then complete or expired. The PaymentIntent is made when the page is first submitted, and ends with the session."""

from typing import Any

from app.payment_sandbox import customers, payments
from app.payment_sandbox.refusals import Refused, missing, no_such, wrong_state
from app.payment_sandbox.world import Thing, World

LEAST_LIFE = 30 * 60
LONGEST_LIFE = 24 * 60 * 60
LEEWAY = 60  # seconds between reading the clock and our hearing of it
PLACEHOLDER = "{CHECKOUT_SESSION_ID}"


def create(world: World, said: dict[str, Any]) -> Thing:
    """A session of mode ``payment`` or ``setup`` with a page of its own."""
    mode = said.get("mode", "payment")
    _check(world, said, mode)
    lines, currency = _lines(said) if mode == "payment" else ([], said.get("currency"))
    total = sum(line["amount_total"] for line in lines) if mode == "payment" else None
    if mode == "payment":
        payments.check_amount(total or 0, currency or "")
    session = world.make(
        "checkout.session",
        allowed_payment_method_types=said.get("allowed_payment_method_types"),
        amount_subtotal=total,
        amount_total=total,
        automatic_tax={"enabled": False, "liability": None, "provider": None, "status": None},
        cancel_url=said.get("cancel_url"),
        client_reference_id=said.get("client_reference_id"),
        client_secret=None,
        consent=None,
        currency=currency,
        custom_fields=[],
        custom_text={"after_submit": None, "shipping_address": None, "submit": None, "terms_of_service_acceptance": None},
        customer=said.get("customer"),
        customer_details=None,
        expires_at=said.get("expires_at", world.now() + LONGEST_LIFE),
        livemode=False,
        metadata=dict(said.get("metadata") or {}),
        mode=mode,
        payment_intent=None,
        payment_method_types=["card"],
        payment_status="unpaid" if mode == "payment" else "no_payment_required",
        setup_intent=None,
        shipping_options=[],
        status="open",
        success_url=said.get("success_url"),
        ui_mode=said.get("ui_mode", "hosted_page"),
        url=None,
        _lines=lines,
        _intent_data=said.get("payment_intent_data") or said.get("setup_intent_data") or {},
    )
    session["url"] = f"{world.settings.get('address', '')}/pay/{session['id']}"
    world.later(session["expires_at"], "checkout.expire", session["id"])
    if mode == "setup":
        intent = customers.new_setup_intent(world, customer=session["customer"], metadata=dict(session["_intent_data"].get("metadata") or {}))
        intent["_session"] = session["id"]
        session["setup_intent"] = intent["id"]
    return session


def _check(world: World, said: dict[str, Any], mode: str) -> None:
    if mode not in ("payment", "setup"):
        raise Refused("The sandbox knows the modes payment and setup.", param="mode")
    if not said.get("success_url"):
        raise missing("success_url")
    if said.get("customer"):
        customers.required(world, said["customer"])
    if mode == "setup" and said.get("payment_intent_data"):
        raise Refused("You can not pass `payment_intent_data` in `setup` mode.", param="payment_intent_data")
    if mode == "payment" and said.get("setup_intent_data"):
        raise Refused("You can not pass `setup_intent_data` in `payment` mode.", param="setup_intent_data")
    if mode == "setup" and not said.get("currency") and not said.get("allowed_payment_method_types"):
        raise missing("currency")
    if "card" not in said.get("allowed_payment_method_types", ["card"]):
        raise Refused("The sandbox has cards only.", param="allowed_payment_method_types")
    life = said.get("expires_at", world.now() + LONGEST_LIFE) - world.now()
    if not LEAST_LIFE - LEEWAY <= life <= LONGEST_LIFE + LEEWAY:
        raise Refused("The `expires_at` timestamp must be between 30 minutes and 24 hours from Checkout Session creation.", param="expires_at")


def _lines(said: dict[str, Any]) -> tuple[list[Thing], str]:
    if not said.get("line_items"):
        raise missing("line_items")
    lines = []
    for number, item in enumerate(said["line_items"]):
        price, path = item.get("price_data"), f"line_items[{number}][price_data]"
        if price is None:
            raise missing(path)
        if "product_data" not in price:
            raise missing(f"{path}[product_data]")
        if "unit_amount" not in price:
            raise missing(f"{path}[unit_amount]")
        if not item.get("quantity"):
            raise missing(f"line_items[{number}][quantity]")
        lines.append({"name": price["product_data"]["name"], "amount_total": price["unit_amount"] * item["quantity"], "currency": price["currency"]})
    if len({line["currency"] for line in lines}) != 1:
        raise Refused("All line items must have the same currency.", param="line_items")
    return lines, lines[0]["currency"]


def submit(world: World, session: Thing, method: Thing) -> Thing:
    """The page's button: one try. Returns the intent, whatever became of it."""
    if session["status"] != "open":
        raise wrong_state("This page is closed.")
    world.touch(session)
    if session["mode"] == "setup":
        intent = world.find("setup_intent", session["setup_intent"])
        assert intent is not None
        customers.attempt_setup(world, intent, method)
        if intent["status"] == "succeeded":
            _complete(world, session, "no_payment_required")
        return intent
    intent = world.find("payment_intent", session["payment_intent"]) if session["payment_intent"] else None
    if intent is None:
        total, currency = session["amount_total"], session["currency"]
        intent = payments.new_intent(world, amount=total, currency=currency, customer=session["customer"], data=session["_intent_data"])
        intent["_session"] = session["id"]
        session["payment_intent"] = intent["id"]
    payments.attempt(world, intent, method)
    if intent["status"] == "processing":
        _complete(world, session, "unpaid")
    return intent


def hear_paid(world: World, intent: Thing) -> None:
    """A PaymentIntent succeeded: if it belongs to a session, that is complete."""
    session = world.find("checkout.session", intent.get("_session") or "")
    if session is None:
        return
    if session["status"] == "complete":
        world.touch(session)
        session["payment_status"] = "paid"
        world.emit("checkout.session.async_payment_succeeded", session)
    else:
        _complete(world, session, "paid")


def authenticate(world: World, intent: Thing, *, approved: bool) -> None:
    """The person's answer to their bank, for either kind of intent."""
    if intent["object"] == "payment_intent":
        payments.authenticate(world, intent, approved=approved)
        session = world.find("checkout.session", intent.get("_session") or "")
        if session and intent["status"] == "processing":
            _complete(world, session, "unpaid")
        return
    customers.authenticate_setup(world, intent, approved=approved)
    session = world.find("checkout.session", intent["_session"])
    if session and intent["status"] == "succeeded":
        _complete(world, session, "no_payment_required")


def _complete(world: World, session: Thing, payment_status: str) -> None:
    world.touch(session)
    session.update(status="complete", payment_status=payment_status, url=None)
    world.emit("checkout.session.completed", session)


def expire(world: World, _said: dict[str, Any], identifier: str) -> Thing:
    session = of(world, identifier)
    if session["status"] != "open":
        raise wrong_state(f'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of {session["status"]}.')
    _expire(world, session)
    return session


def expire_when_due(world: World, identifier: str) -> None:
    """The alarm of `expires_at`."""
    session = world.find("checkout.session", identifier)
    if session and session["status"] == "open":
        _expire(world, session)


def _expire(world: World, session: Thing) -> None:
    world.touch(session)
    session.update(status="expired", url=None)
    if session["payment_intent"]:
        intent = world.find("payment_intent", session["payment_intent"])
        assert intent is not None
        payments.end(world, intent, "expired")
    if session["setup_intent"]:
        intent = world.find("setup_intent", session["setup_intent"])
        assert intent is not None
        customers.cancel_setup(world, intent)
    world.emit("checkout.session.expired", session)


def of(world: World, identifier: str) -> Thing:
    session = world.find("checkout.session", identifier)
    if session is None:
        raise no_such("checkout.session", identifier, "session")
    return session


def way_back(session: Thing, *, done: bool) -> str:
    """Where the page sends its person."""
    address = session["success_url"] if done else session["cancel_url"] or session["success_url"]
    return str(address).replace(PLACEHOLDER, session["id"])
