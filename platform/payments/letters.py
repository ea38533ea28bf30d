"""What payers are told about their money. Subjects name no amount and nobody; what was paid for is named by nothing here."""

from datetime import datetime

from accounts.people import recipient_of
from core.money import Money
from notices.outbox import send
from payments.lifecycle import RefundState
from payments.models import Payment, Refund

# When a refund is news for its payer, and which letter says so.
TEMPLATE_OF = {RefundState.PENDING: "refund_sent", RefundState.SUCCEEDED: "refund_sent", RefundState.FAILED: "refund_failed"}


def tell_of_refund(payment: Payment, refund: Refund, *, now: datetime) -> None:
    """Write once that a refund is on its way, and once if it came back."""
    template, recipient = TEMPLATE_OF.get(refund.stands), recipient_of(payment.payer_id)
    if template is None or recipient is None:
        return
    amount = Money(refund.amount, payment.captured_currency or payment.currency)
    facts = {"amount": str(amount), "reason": refund.reason, "is_all": payment.returned_amount == payment.captured_amount}
    send(
        recipient,
        kind=f"payment_{template}",
        template=f"payments/{template}",
        facts=facts,
        once=f"{template}:{refund.id}",
        now=now,
        person_id=payment.payer_id,
    )
