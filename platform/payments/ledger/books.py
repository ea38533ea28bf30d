"""What payments, refunds and disputes write into the books, each in the transaction in which it happens."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from core.money import Money, split
from payments.ledger import rules
from payments.ledger.post import post
from payments.models import Dispute, Payment, Refund
from payments.payouts.models import Payout, PayoutReversal
from payments.processor_balance import BILLED
from payments.processor_facts import BalanceEntry

# What is paid ahead belongs to nobody until it is spent.
AHEAD = frozenset({"pack", "gift", "cart"})


def book_captured(payment: Payment, *, now: datetime) -> None:
    """The whole amount came in, or another one than was asked for; a part of a cart comes out of what that collected."""
    amount, currency = payment.captured_amount, payment.captured_currency or payment.currency
    if payment.purpose in AHEAD:
        movements = rules.captured_ahead(amount, currency)
    elif payment.collected_by_id is not None and payment.intent is None:
        movements = rules.spent(payment.payee, amount, payment.our_part(amount), currency)
    else:
        movements = rules.captured(payment.payee, amount, payment.our_part(amount), currency)
    post(movements, once=f"payment:{payment.id}:captured", reference=payment.reference, now=now)


def book_processor_fee(payment: Payment, fee: int | None, *, now: datetime) -> None:
    """What the processor kept of it; nothing while that is not known."""
    if fee:
        movements = rules.processor_took(fee, payment.captured_currency or payment.currency)
        post(movements, once=f"payment:{payment.id}:processor_fee", reference=payment.reference, now=now)


def book_refund_promised(payment: Payment, refund: Refund, *, now: datetime) -> None:
    """`payment.returned_amount` counts this refund already."""
    kept = payment.refundable
    if payment.purpose in AHEAD:
        movements = rules.rest_promised(refund.amount, _currency(payment))
    else:
        before, after = payment.our_part(kept + refund.amount), payment.our_part(kept)
        movements = rules.refund_promised(payment.payee, refund.amount, before, after, _currency(payment))
    post(movements, once=f"refund:{refund.id}:promised", reference=payment.reference, now=now)


def book_refund_left(payment: Payment, refund: Refund, *, now: datetime) -> None:
    post(rules.refund_left(refund.amount, _currency(payment)), once=f"refund:{refund.id}:left", reference=payment.reference, now=now)


def book_refund_failed(payment: Payment, refund: Refund, *, had_left: bool, now: datetime) -> None:
    """`payment.returned_amount` does not count this refund any more. `had_left`: a bank sent it back after it succeeded."""
    currency, kept = _currency(payment), payment.refundable
    back = rules.refund_came_back(refund.amount, currency) if had_left else []
    if payment.purpose in AHEAD:
        dropped = rules.rest_dropped(refund.amount, currency)
    else:
        before, after = payment.our_part(kept - refund.amount), payment.our_part(kept)
        dropped = rules.refund_dropped(payment.payee, refund.amount, before, after, currency)
    post(back + dropped, once=f"refund:{refund.id}:failed", reference=payment.reference, now=now)


def book_disputed(payment: Payment, dispute: Dispute, *, now: datetime) -> None:
    post(rules.disputed(dispute.amount, dispute.currency), once=f"dispute:{dispute.id}:opened", reference=payment.reference, now=now)


def book_dispute_fee(payment: Payment, dispute: Dispute, entry: BalanceEntry, *, now: datetime) -> None:
    """What the processor took for its work with the dispute, by one line of our balance; negative when it gives it back."""
    movements = rules.processor_took(entry.fee, entry.currency)
    post(movements, once=f"dispute:{dispute.id}:fee:{entry.id}", reference=payment.reference, now=now)


def book_of_ours(entry: BalanceEntry, *, now: datetime) -> None:
    """A line of our balance that no payer or payee has part in: the processor's bill, or money between the balance and our own bank."""
    billed, sent = (-entry.net, 0) if entry.kind in BILLED else (entry.fee, entry.amount)
    movements = rules.between_us_and_bank(sent, entry.currency) + rules.processor_took(billed, entry.currency)
    post(movements, once=f"own:{entry.id}", now=now)


def book_dispute_decided(payment: Payment, dispute: Dispute, *, parts: Sequence[Payment] = (), now: datetime) -> None:
    """Won: it is back. Lost: each bears their part of it; of a cart in proportion to what its `parts` came to, to the unit."""
    if dispute.state == "won":
        movements = rules.dispute_won(dispute.amount, dispute.currency)
    elif parts:
        lost = zip(parts, split(dispute.amount, [part.captured_amount for part in parts]), strict=True)
        movements = [move for part, amount in lost for move in rules.dispute_lost(part.payee, amount, part.our_part(amount), dispute.currency)]
    elif payment.purpose in AHEAD:
        movements = rules.ahead_lost(dispute.amount, dispute.currency)
    else:
        movements = rules.dispute_lost(payment.payee, dispute.amount, payment.our_part(dispute.amount), dispute.currency)
    post(movements, once=f"dispute:{dispute.id}:{dispute.state}", reference=payment.reference, now=now)


def book_paid_out(payment: Payment | None, payout: Payout, *, now: datetime) -> None:
    """It is on its payee's account."""
    assert payout.amount is not None
    post(rules.transferred(payout.payee_id, payout.amount, payout.currency), once=f"payout:{payout.id}:sent", reference=_what_for(payment, payout), now=now)


def book_reversed(payment: Payment | None, payout: Payout, reversal: PayoutReversal, *, now: datetime) -> None:
    """Part of a payout is with us again."""
    movements = rules.reversed_back(payout.payee_id, reversal.amount, payout.currency)
    post(movements, once=f"reversal:{reversal.id}:done", reference=_what_for(payment, payout), now=now)


def book_spent(payment: Payment, place: str, amount: int, fee: int, payee_id: int, *, now: datetime) -> None:
    """`amount` of what was paid ahead is spent; `place` says on what."""
    post(rules.spent(payee_id, amount, fee, _currency(payment)), once=f"payment:{payment.id}:spent:{place}", reference=payment.reference, now=now)


def book_unspent(payment: Payment, place: str, amount: int, fee: int, payee_id: int, *, now: datetime) -> None:
    """What was spent on that place is paid ahead again."""
    post(rules.unspent(payee_id, amount, fee, _currency(payment)), once=f"payment:{payment.id}:unspent:{place}", reference=payment.reference, now=now)


def book_invoicing_fee(payee_id: int, fee: Money, once: str, *, reference: uuid.UUID, now: datetime) -> None:
    """A payee who writes invoices owes us our fee for something; `once` names it."""
    post(rules.fee_of_invoicing(payee_id, fee.amount, fee.currency), once=f"invoicing:{once}", reference=reference, now=now)


def book_borne(payee_id: int, part: Money, once: str, *, reference: uuid.UUID, now: datetime) -> None:
    """We bear all of a price: the payee's part of it is theirs, and nobody pays it."""
    post(rules.borne(payee_id, part.amount, part.currency), once=f"borne:{once}", reference=reference, now=now)


def _what_for(payment: Payment | None, payout: Payout) -> uuid.UUID:
    return payment.reference if payment is not None else payout.reference


def _currency(payment: Payment) -> str:
    return payment.captured_currency or payment.currency
