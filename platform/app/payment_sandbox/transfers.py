"""Money from the platform's balance to a connected account, and back."""

from typing import Any

from app.payment_sandbox import accounts, balance
from app.payment_sandbox.refusals import Refused, missing, no_such, wrong_state
from app.payment_sandbox.world import Thing, World


def create(world: World, said: dict[str, Any]) -> Thing:
    """With `source_transaction` at most what that charge brought and nobody was sent yet; without it what is available."""
    if "amount" not in said:
        raise missing("amount")
    amount, currency = said["amount"], said["currency"]
    if amount < 1:
        raise Refused("Amount must be at least 1.", code="parameter_invalid_integer", param="amount")
    account = accounts.of(world, said["destination"], "destination")
    if account["capabilities"].get("transfers") != "active":
        message = "Your destination account needs to have at least one of the following capabilities enabled: transfers."
        raise wrong_state(message, "insufficient_capabilities_for_transfer")
    source = said.get("source_transaction")
    if source:
        _check_source(world, source, amount, currency)
    elif not balance.has(world, amount, currency):
        raise wrong_state("You have insufficient available funds in your Stripe account.", "balance_insufficient")
    transfer = world.make(
        "transfer",
        amount=amount,
        amount_reversed=0,
        balance_transaction=None,
        currency=currency,
        description=said.get("description"),
        destination=account["id"],
        destination_payment=None,
        livemode=False,
        metadata=dict(said.get("metadata") or {}),
        reversals={"object": "list", "data": [], "has_more": False, "url": ""},
        reversed=False,
        source_transaction=source,
        source_type="card",
        transfer_group=said.get("transfer_group"),
    )
    transfer["reversals"]["url"] = f"/v1/transfers/{transfer['id']}/reversals"
    transfer["balance_transaction"] = balance.write(world, "transfer", -amount, currency, source=transfer["id"])["id"]
    world.emit("transfer.created", transfer)
    return transfer


def _check_source(world: World, source: str, amount: int, currency: str) -> None:
    charge = world.find("charge", source)
    if charge is None:
        raise no_such("charge", source, "source_transaction")
    if charge["currency"] != currency:
        raise Refused("The currency of source_transaction's balance transaction must be the same as the transfer currency.", param="currency")
    sent = sum(each["amount"] for each in world.each("transfer") if each["source_transaction"] == source)
    if sent + amount > charge["amount_captured"]:
        raise wrong_state("The transfers of this source_transaction would be more than its amount.", param="amount")


def reverse(world: World, said: dict[str, Any], identifier: str) -> Thing:
    """`amount` or the rest. Refused ``balance_insufficient`` when the account has paid it out already."""
    transfer = of(world, identifier)
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = said.get("amount", left)
    if left == 0:
        raise wrong_state("This transfer has already been fully reversed.", "transfer_already_reversed")
    if not 1 <= amount <= left:
        raise wrong_state(f"Reversal amount ({amount}) is greater than the unreversed amount of the transfer ({left}).", param="amount")
    if balance.of_account(world, transfer["destination"], transfer["currency"]) < amount:
        raise wrong_state("The connected account does not have enough funds to cover this reversal.", "balance_insufficient")
    reversal = world.make(
        "transfer_reversal",
        amount=amount,
        balance_transaction=None,
        currency=transfer["currency"],
        destination_payment_refund=None,
        metadata=dict(said.get("metadata") or {}),
        source_refund=None,
        transfer=transfer["id"],
    )
    reversal["balance_transaction"] = balance.write(world, "transfer_refund", amount, transfer["currency"], source=reversal["id"])["id"]
    world.touch(transfer)
    transfer["amount_reversed"] += amount
    transfer["reversed"] = transfer["amount_reversed"] == transfer["amount"]
    world.emit("transfer.reversed", transfer)
    return reversal


def of(world: World, identifier: str) -> Thing:
    transfer = world.find("transfer", identifier)
    if transfer is None:
        raise no_such("transfer", identifier, "transfer")
    return transfer
