"""Our balance with the processor: its total, and which of its lines no payer and no payee has part in. Pure.

Source of the kinds: https://docs.stripe.com/reports/balance-transaction-types
"""

from collections.abc import Mapping
from typing import Any

from payments.processor_amounts import from_processor

# The processor's bill for its work, and money to and from our own bank.
BILLED = frozenset({"stripe_fee", "stripe_fx_fee", "tax_fee"})
TO_BANK = frozenset({"payout", "payout_cancel", "payout_failure", "topup", "topup_reversal"})


def balance_by_currency(said: Mapping[str, Any]) -> dict[str, int]:
    """What the balance holds in each currency, available and pending together, in our minor units."""
    totals: dict[str, int] = {}
    for part in (*said["available"], *said["pending"]):
        currency = part["currency"].upper()
        totals[currency] = totals.get(currency, 0) + from_processor(part["amount"], currency)
    return totals
