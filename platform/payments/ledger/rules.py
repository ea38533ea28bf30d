"""Which movements follow from what happened to money. Pure; amounts are minor units.

Our fee is a share of what stays captured: it is taken anew after every refund, so that fee and therapist's part add up to what is left, to the unit.
"""

from payments.ledger.accounts import Movement, Side, moved

BALANCE: Side = ("balance", None)
PLATFORM: Side = ("platform", None)
REFUND: Side = ("refund", None)
DISPUTE: Side = ("dispute", None)
PROCESSOR_FEE: Side = ("processor_fee", None)
BANK: Side = ("bank", None)
PREPAID: Side = ("prepaid", None)
WRITTEN_OFF: Side = ("written_off", None)


def captured(payee_id: int, amount: int, fee: int, currency: str) -> list[Movement]:
    """A payment came in: the payee's but for our fee, which is less than nothing where we bear a discount."""
    return moved("captured", BALANCE, ("therapist", payee_id), amount - fee, currency) + moved("captured", BALANCE, PLATFORM, fee, currency)


def captured_ahead(amount: int, currency: str) -> list[Movement]:
    """Money for a gift code came in: nobody's yet."""
    return moved("captured_ahead", BALANCE, PREPAID, amount, currency)


def spent(payee_id: int, amount: int, fee: int, currency: str) -> list[Movement]:
    """What was paid ahead is spent on something. The fee is less than nothing where we bear a discount."""
    _within(fee, amount)
    return moved("spent", PREPAID, ("therapist", payee_id), amount - fee, currency) + moved("spent", PREPAID, PLATFORM, fee, currency)


def unspent(payee_id: int, amount: int, fee: int, currency: str) -> list[Movement]:
    """It was spent for nothing: it is paid ahead again."""
    _within(fee, amount)
    return moved("unspent", ("therapist", payee_id), PREPAID, amount - fee, currency) + moved("unspent", PLATFORM, PREPAID, fee, currency)


def refund_promised(payee_id: int, amount: int, fee_before: int, fee_after: int, currency: str) -> list[Movement]:
    """Part of it goes back: each bears what it has less by it."""
    ours = fee_before - fee_after
    return moved("refund_promised", ("therapist", payee_id), REFUND, amount - ours, currency) + moved("refund_promised", PLATFORM, REFUND, ours, currency)


def rest_promised(amount: int, currency: str) -> list[Movement]:
    """What was paid ahead and not spent goes back: it was nobody's yet."""
    return moved("refund_promised", PREPAID, REFUND, amount, currency)


def rest_dropped(amount: int, currency: str) -> list[Movement]:
    """That refund failed: it is paid ahead again."""
    return moved("refund_dropped", REFUND, PREPAID, amount, currency)


def refund_left(amount: int, currency: str) -> list[Movement]:
    """The processor has sent it."""
    return moved("refund_left", REFUND, BALANCE, amount, currency)


def refund_came_back(amount: int, currency: str) -> list[Movement]:
    """A bank sent it back to us."""
    return moved("refund_came_back", BALANCE, REFUND, amount, currency)


def refund_dropped(payee_id: int, amount: int, fee_before: int, fee_after: int, currency: str) -> list[Movement]:
    """It failed: the payee has it again, and we our fee."""
    ours = fee_after - fee_before
    return moved("refund_dropped", REFUND, ("therapist", payee_id), amount - ours, currency) + moved("refund_dropped", REFUND, PLATFORM, ours, currency)


def processor_took(fee: int, currency: str) -> list[Movement]:
    """The processor's own fee; negative when it gives it back."""
    return moved("processor_fee", PROCESSOR_FEE, BALANCE, fee, currency)


def between_us_and_bank(amount: int, currency: str) -> list[Movement]:
    """Money between our balance and our own bank; negative when it leaves the balance."""
    return moved("to_bank", BALANCE, BANK, amount, currency)


def disputed(amount: int, currency: str) -> list[Movement]:
    """A bank took it back while it decides; nobody's yet."""
    return moved("disputed", DISPUTE, BALANCE, amount, currency)


def dispute_won(amount: int, currency: str) -> list[Movement]:
    return moved("dispute_won", BALANCE, DISPUTE, amount, currency)


def dispute_lost(payee_id: int, amount: int, fee: int, currency: str) -> list[Movement]:
    """It stays gone: the payee bears their part, we ours. `fee` is our fee on the disputed amount."""
    return moved("dispute_lost", ("therapist", payee_id), DISPUTE, amount - fee, currency) + moved("dispute_lost", PLATFORM, DISPUTE, fee, currency)


def ahead_lost(amount: int, currency: str) -> list[Movement]:
    """A bank keeps what was paid ahead: what is spent of it already is our loss."""
    return moved("dispute_lost", PREPAID, DISPUTE, amount, currency)


def transferred(payee_id: int, amount: int, currency: str) -> list[Movement]:
    """A payout left for the payee's account."""
    return moved("transferred", ("therapist", payee_id), BALANCE, amount, currency)


def reversed_back(payee_id: int, amount: int, currency: str) -> list[Movement]:
    """Part of a payout came back."""
    return moved("reversed", BALANCE, ("therapist", payee_id), amount, currency)


def owed(payer_id: int, payee_id: int, amount: int, currency: str) -> list[Movement]:
    """A payer owes a payee something that is not paid; our fee is taken when it is."""
    return moved("owed", ("receivable", payer_id), ("therapist", payee_id), amount, currency)


def owed_no_more(payer_id: int, payee_id: int, amount: int, currency: str) -> list[Movement]:
    """It was paid (and is booked as captured), waived, or is not collected here."""
    return moved("owed_no_more", ("therapist", payee_id), ("receivable", payer_id), amount, currency)


def fee_of_invoicing(payee_id: int, fee: int, currency: str) -> list[Movement]:
    """A payee who writes invoices owes us our fee for what took place; negative takes it back."""
    return moved("fee_of_invoicing", ("therapist", payee_id), PLATFORM, fee, currency)


def borne(payee_id: int, part: int, currency: str) -> list[Movement]:
    """A code of ours took the whole price off: we owe the payee their part of it."""
    return moved("borne", PLATFORM, ("therapist", payee_id), part, currency)


def written_off(payee_id: int, amount: int, currency: str) -> list[Movement]:
    """We bear what a payee owes us."""
    return moved("written_off", WRITTEN_OFF, ("therapist", payee_id), amount, currency)


def corrected(debit: Side, credit: Side, amount: int, currency: str) -> list[Movement]:
    """A person confirmed a difference that the reconciler found."""
    return moved("corrected", debit, credit, amount, currency)


def _within(fee: int, amount: int) -> None:
    if fee > amount:
        raise ValueError("a fee is part of what it is taken from")
