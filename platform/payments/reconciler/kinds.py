"""Which differences there are, in words for the person who decides, and which actions lead out of each. Pure.

confirm: our rows take over what the processor says, and whoever the money belongs to bears the difference. refund: the money goes back to the payer.
write_off: our rows stay as they are, and we bear the difference. Every action keeps the books at zero.
"""

from dataclasses import dataclass
from typing import Literal, TypeAlias

Action: TypeAlias = Literal["confirm", "refund", "write_off"]
ACTIONS: tuple[Action, ...] = ("confirm", "refund", "write_off")
# `settling`: a refund is on its way. `gone`: it was not there any more when we looked again.
STATES = ("open", "settling", "confirmed", "refunded", "written_off", "gone")
STATE_AFTER: dict[Action, str] = {"confirm": "confirmed", "refund": "refunded", "write_off": "written_off"}


@dataclass(frozen=True, slots=True)
class Kind:
    """`words` say what is wrong, `confirms` what confirming does."""

    words: str
    actions: tuple[Action, ...]
    confirms: str = ""


KINDS: dict[str, Kind] = {
    "captured_unknown": Kind("The processor took money that belongs to no payment of ours.", ("refund", "write_off")),
    "captured_twice": Kind("The processor took money for a payment that has its money already.", ("refund",)),
    "captured_unnoticed": Kind(
        "The processor took the money, and the payment still waits for it.", ("confirm",), "The payment settles, and what was paid for is told of it."
    ),
    "captured_missing": Kind(
        "A payment counts as paid, and the processor has no such money.", ("confirm", "write_off"), "The payment counts as not paid; nothing is paid out of it."
    ),
    "captured_amount": Kind(
        "The processor took another amount than the payment says.", ("confirm", "write_off"), "The payment takes the processor's amount over."
    ),
    "captured_currency": Kind(
        "The processor took another currency than the payment says.", ("confirm", "write_off"), "The payment takes the processor's currency over."
    ),
    "captured_not_booked": Kind("A payment is paid, and the books do not have it.", ("confirm",), "It is booked."),
    "fee_differs": Kind("The processor's fee is another than the books say.", ("confirm",), "The fee is booked as it was taken."),
    "refund_unknown": Kind(
        "Money went back to a payer, and nobody here gave it back.", ("confirm",), "The refund is written down as made at the processor's own desk."
    ),
    "refund_unnoticed": Kind("A refund has left, and still counts as on its way here.", ("confirm",), "The refund counts as done."),
    "refund_missing": Kind(
        "A refund counts as done, and the processor never sent it.", ("confirm", "refund"), "The refund counts as failed, and the money is the payee's again."
    ),
    "refund_amount": Kind("Another amount went back than the refund says.", ("confirm", "write_off"), "The refund takes the processor's amount over."),
    "refund_failed": Kind(
        "A bank sent a refund back, and it counts as done here.", ("confirm", "refund"), "The refund counts as failed, and the money is the payee's again."
    ),
    "dispute_unknown": Kind(
        "A payer's bank took money back, and nobody here knows of the dispute.",
        ("confirm",),
        "The dispute is written down; its own case says by when to answer.",
    ),
    "dispute_decided": Kind("A dispute is decided, and counts as open here.", ("confirm",), "The decision is written down."),
    "dispute_amount": Kind("Another amount is disputed than the dispute says.", ("confirm", "write_off"), "The dispute takes the processor's amount over."),
    "transfer_unknown": Kind(
        "Money went to a therapist's account, and no payout here sent it.", ("confirm", "write_off"), "It counts as paid out to whoever has that account."
    ),
    "transfer_unnoticed": Kind("A payout has left, and still counts as on its way here.", ("confirm",), "The payout counts as sent."),
    "transfer_missing": Kind("A payout counts as sent, and the processor never sent it.", ("confirm",), "We owe it to the payee again."),
    "transfer_amount": Kind("Another amount was paid out than the payout says.", ("confirm", "write_off"), "The payout takes the processor's amount over."),
    "transfer_elsewhere": Kind(
        "A payout went to another account than its payee's.", ("confirm", "write_off"), "The account is the payee's after all; nothing changes."
    ),
    "reversal_unknown": Kind(
        "Part of a payout came back, and nobody here asked for it.", ("confirm", "write_off"), "It is booked as come back from the payee."
    ),
    "reversal_missing": Kind("Part of a payout counts as come back, and did not.", ("confirm", "write_off"), "It is the payee's again."),
    "unknown_there": Kind("A line of our balance fits nothing that we know.", ("write_off",)),
    "missing_here": Kind("The books have a movement that the processor does not.", ("write_off",)),
    "paid_for_nothing": Kind("More is kept of a payment than stands for it any more.", ("refund", "confirm"), "It is kept; the reason says why."),
    "stands_unpaid": Kind("Something stands that had to be paid first, and was not.", ("confirm", "write_off"), "It stands unpaid; the reason says why."),
    "balance_unexplained": Kind("The processor's balance is another than its lines and the books explain.", ("write_off",)),
}
