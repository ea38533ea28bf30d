"""Write down that a kept card will be charged: the attempt, its key and which card, before the processor hears of it."""

from datetime import datetime

from core.db import db
from core.errors import Conflict
from payments.cards.keep import card_in_force
from payments.checkout.begin import LOOK_EVERY, NotPayable, attempts_made, live_attempt
from payments.lifecycle import PAYABLE, AttemptState
from payments.models import Payment, PaymentAttempt


class NoCard(Conflict):
    code, detail = "no_card", "No card is kept that this could be charged to."


class BeingPaid(Conflict):
    code, detail = "being_paid", "This is being paid at the moment. Look again in a few minutes."


def begin_charge(payment: Payment, *, now: datetime) -> PaymentAttempt:
    """The attempt to charge the kept card for this payment: one that is on its way already, or a new one. NotPayable, NoCard; BeingPaid while its payer has a
    checkout open: nobody is charged twice. The caller holds the lock of the payment.

    Nothing is sent from here: `charge_calls.send_charge` does, outside of any transaction.
    """
    if payment.stands not in PAYABLE:
        raise NotPayable
    known = live_attempt(payment)
    if known is not None and known.kind == "charge":
        return known
    if known is not None:
        raise BeingPaid
    card = card_in_force(payment.payer_id, payment.payee)
    if card is None:
        raise NoCard
    number = attempts_made(payment) + 1
    attempt = PaymentAttempt(
        payment_id=payment.id,
        number=number,
        kind="charge",
        state=AttemptState.INTENDED.value,
        key=f"payment:{payment.public_id}:{payment.purpose}:{number}",
        created_at=now,
        saved_card_id=card.id,
        look_at=now + LOOK_EVERY,
        changed_at=now,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt
