"""Why a payout does not leave yet. Whoever knows what was paid for is asked each time, by a subscription that the assembly connects."""

import uuid
from collections.abc import Callable

from payments.collection.models import ConnectedAccount
from payments.models import Payment
from payments.reconciler.open_differences import differs

# The reference and purpose of a payment -> a code, or None when nothing speaks against it.
HoldsBack = Callable[[uuid.UUID, str], str | None]
_asked: list[HoldsBack] = []
# The purpose of what we pay out without having been paid: an appointment.
BORNE = "session"


def when_leaving(question: HoldsBack) -> None:
    """Connecting twice changes nothing."""
    if question not in _asked:
        _asked.append(question)


def held_back(reference: uuid.UUID, payment: Payment | None, account: ConnectedAccount | None) -> str | None:
    """The first reason, as a code. A dispute of what was paid ahead for anybody is ours to bear, and no payee's; without a payment we bear
    all of it.
    """
    if payment is not None and payment.disputed_at is not None and payment.payee_id is not None:
        return "disputed"
    if payment is not None and any(differs(each) for each in (payment.id, payment.collected_by_id) if each is not None):
        return "being_looked_at"
    reasons = (question(reference, payment.purpose if payment is not None else BORNE) for question in _asked)
    found = next((reason for reason in reasons if reason is not None), None)
    if found is not None:
        return found
    return None if account is not None and account.state == "enabled" else "account"
