"""Disputes: the money and a fee leave at once; won, the money comes back."""

from app.payment_sandbox import balance, refunds
from app.payment_sandbox.refusals import wrong_state
from app.payment_sandbox.world import Thing, World, shown

DAYS_TO_ANSWER = 9
OPEN = frozenset({"needs_response", "under_review"})


def open_dispute(world: World, charge: Thing, *, reason: str = "general", amount: int | None = None) -> Thing:
    """The payer's bank takes the money back. Refunds that still pend fail (docs.stripe.com/refunds)."""
    if not charge["paid"] or charge["disputed"]:
        raise wrong_state("Only a paid charge without a dispute can be disputed.")
    amount = amount or charge["amount"]
    dispute = world.make(
        "dispute",
        amount=amount,
        balance_transactions=[],
        charge=charge["id"],
        currency=charge["currency"],
        enhanced_eligibility_types=[],
        evidence={},
        evidence_details={
            "due_by": world.now() + DAYS_TO_ANSWER * balance.DAY,
            "enhanced_eligibility": {},
            "has_evidence": False,
            "past_due": False,
            "submission_count": 0,
        },
        is_charge_refundable=False,
        livemode=False,
        metadata={},
        payment_intent=charge["payment_intent"],
        reason=reason,
        status="needs_response",
    )
    world.touch(charge)
    charge["disputed"] = True
    refunds.fail_pending_of(world, charge)
    fee = balance.in_minor_units(balance.DISPUTE_FEE_HUNDREDTHS, charge["currency"])
    line = balance.write(world, "adjustment", -amount, charge["currency"], source=dispute["id"], fee=fee)
    dispute["balance_transactions"].append(shown(line))
    world.emit("charge.dispute.created", dispute)
    world.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def close(world: World, dispute: Thing, *, won: bool) -> Thing:
    """The bank has decided."""
    if dispute["status"] not in OPEN:
        raise wrong_state("This dispute is closed.")
    world.touch(dispute)
    dispute["status"] = "won" if won else "lost"
    if won:
        line = balance.write(world, "adjustment", dispute["amount"], dispute["currency"], source=dispute["id"])
        dispute["balance_transactions"].append(shown(line))
        world.emit("charge.dispute.funds_reinstated", dispute)
    world.emit("charge.dispute.closed", dispute)
    return dispute
