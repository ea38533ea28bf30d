"""Decide about a difference: transaction, a last look at the processor where its word is taken over, transaction."""

import uuid

from core.clock import now as now_of_transaction
from core.db import transaction
from payments import processor
from payments.processor_failures import NoSuchObject
from payments.reconciler.decide import ActionNotPossible, carry_out, decidable
from payments.reconciler.kinds import Action
from payments.reconciler.send_back_calls import send_back_nobodys
from payments.reconciler.take_over import Decision, Told

REFUNDS = frozenset({"refund_unknown", "refund_unnoticed", "refund_failed"})
DISPUTES = frozenset({"dispute_unknown", "dispute_decided"})


def decide(public_id: uuid.UUID, action: Action, *, reason: str, by: int) -> None:
    """Refusals of `decide.decidable`, and those of what is done; ProcessorUnavailable, and nothing is decided."""
    with transaction():
        difference = decidable(public_id, action, by=by)
        kind, name = difference.kind, difference.name
    try:
        told = _last_look(kind, name)
    except NoSuchObject:
        raise ActionNotPossible("The processor does not have this any more. Compare again.") from None
    with transaction():
        difference = decidable(public_id, action, by=by)
        carry_out(Decision(difference, told, by, now_of_transaction()), action, reason=reason)
        if difference.state == "settling":
            send_back_nobodys.enqueue(difference_id=difference.id)


def _last_look(kind: str, name: str) -> Told:
    if kind in REFUNDS:
        return processor.retrieve_refund(name)
    if kind in DISPUTES:
        return processor.retrieve_dispute(name)
    return processor.retrieve_payment_intent(name) if kind == "captured_unnoticed" else None
