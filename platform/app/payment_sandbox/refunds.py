"""Refunds: pending, succeeded, failed; never more in all than was captured, never of a disputed charge."""

from typing import Any

from app.payment_sandbox import balance
from app.payment_sandbox.cards import card_of
from app.payment_sandbox.refusals import Refused, missing, no_such, wrong_state
from app.payment_sandbox.world import Thing, World

SECONDS_UNTIL_LATE_FAILURE = 3600


def create(world: World, said: dict[str, Any]) -> Thing:
    """Of a PaymentIntent or a charge, `amount` or all that is left."""
    charge = _charge_of(world, said)
    left = charge["amount_captured"] - charge["amount_refunded"]
    amount = said.get("amount", left)
    if charge["disputed"]:
        raise wrong_state(f"Charge {charge['id']} has been charged back; cannot issue a refund.", "charge_disputed")
    if left == 0:
        raise wrong_state(f"Charge {charge['id']} has already been refunded.", "charge_already_refunded")
    if amount < 1:
        raise Refused("Amount must be at least 1.", code="parameter_invalid_integer", param="amount")
    if amount > left:
        raise wrong_state(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", param="amount")
    refund = world.make(
        "refund",
        amount=amount,
        balance_transaction=None,
        charge=charge["id"],
        currency=charge["currency"],
        customer=charge["customer"],
        failure_reason=None,
        metadata=dict(said.get("metadata") or {}),
        payment_intent=charge["payment_intent"],
        payment_method=charge["payment_method"],
        pending_reason=None,
        reason=said.get("reason"),
        receipt_number=None,
        source_transfer_reversal=None,
        status="pending",
        transfer_reversal=None,
    )
    _count(world, charge, amount)
    method = world.find("payment_method", charge["payment_method"])
    late = (card_of(method).late if method else "") or world.settings.get("refunds", "")
    if late == "pending":
        refund["pending_reason"] = "processing"
    elif not balance.has(world, amount, charge["currency"]):
        refund["pending_reason"] = "insufficient_funds"
        world.later(world.now() + balance.DAY, "refund.again", refund["id"])
    else:
        _pay(world, refund)
        if late == "fails":
            world.later(world.now() + SECONDS_UNTIL_LATE_FAILURE, "refund.fail", refund["id"])
    world.emit("refund.created", refund)
    world.emit("charge.refunded", charge)
    return refund


def succeed(world: World, refund: Thing) -> None:
    """One that was pending goes through."""
    if refund["status"] != "pending":
        raise wrong_state("Only a pending refund can succeed.")
    _pay(world, refund)
    world.emit("refund.updated", refund)


def try_again(world: World, identifier: str) -> None:
    """The alarm of one that waits for money."""
    refund = world.find("refund", identifier)
    if refund is None or refund["status"] != "pending":
        return
    if balance.has(world, refund["amount"], refund["currency"]):
        succeed(world, refund)
    else:
        world.later(world.now() + balance.DAY, "refund.again", identifier)


def fail(world: World, refund: Thing, reason: str = "expired_or_canceled_card") -> None:
    """The money did not arrive and is ours again, also long after it succeeded."""
    if refund["status"] not in ("pending", "succeeded"):
        raise wrong_state("This refund has ended already.")
    world.touch(refund)
    if refund["balance_transaction"]:
        line = balance.write(world, "refund_failure", refund["amount"], refund["currency"], source=refund["id"])
        refund["failure_balance_transaction"] = line["id"]
    refund.update(status="failed", failure_reason=reason, pending_reason=None)
    charge = world.find("charge", refund["charge"])
    assert charge is not None
    _count(world, charge, -refund["amount"])
    world.emit("refund.updated", refund)
    world.emit("refund.failed", refund)


def fail_late(world: World, identifier: str) -> None:
    """The alarm of a card whose refunds fail afterwards."""
    refund = world.find("refund", identifier)
    if refund and refund["status"] == "succeeded":
        fail(world, refund)


def fail_pending_of(world: World, charge: Thing) -> None:
    for refund in world.each("refund"):
        if refund["charge"] == charge["id"] and refund["status"] == "pending":
            fail(world, refund, "charge_for_pending_refund_disputed")


def _pay(world: World, refund: Thing) -> None:
    world.touch(refund)
    line = balance.write(world, "refund", -refund["amount"], refund["currency"], source=refund["id"])
    refund.update(status="succeeded", pending_reason=None, balance_transaction=line["id"])


def _count(world: World, charge: Thing, amount: int) -> None:
    world.touch(charge)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount_captured"]


def _charge_of(world: World, said: dict[str, Any]) -> Thing:
    if "payment_intent" in said:
        intent = world.find("payment_intent", said["payment_intent"])
        if intent is None:
            raise no_such("payment_intent", said["payment_intent"], "payment_intent")
        if intent["status"] != "succeeded":
            raise wrong_state("This PaymentIntent does not have a successful charge to refund.", "payment_intent_unexpected_state")
        identifier, param = intent["latest_charge"], "payment_intent"
    elif "charge" in said:
        identifier, param = said["charge"], "charge"
    else:
        raise missing("payment_intent")
    charge = world.find("charge", identifier)
    if charge is None:
        raise no_such("charge", identifier, param)
    if not charge["paid"]:
        raise wrong_state("This charge was not paid.", "charge_not_refundable")
    return charge
