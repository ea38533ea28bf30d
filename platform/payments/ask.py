"""Somebody above asks for money, and reads what became of it: by a reference that means nothing here."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict
from core.money import Money
from payments.lifecycle import PaymentState
from payments.models import Payment
from payments.processor_amounts import can_be_charged, is_enough


class AmountNotChargeable(Conflict):
    code, detail = "amount_not_chargeable", "This amount cannot be charged in this currency. The therapist has to set another fee."


def ask_for(due: Money, *, reference: uuid.UUID, purpose: str, payer_id: int, payee_id: int | None, now: datetime, our_fee: int = 0) -> Payment:
    """The one payment of this reference and purpose that this payer can still make or has made; begun with `due` if there is none. Its row is locked.
    `our_fee` is our part of the amount, in minor units.

    Asked again while it is unpaid, it is the same payment: who comes back goes on where they were. AmountNotChargeable. The caller holds a lock that keeps
    others from asking for the same reference.
    """
    known = [payment for payment in asked_for(reference, purpose) if payment.payer_id == payer_id]
    if known:
        return known[0]
    if not can_be_charged(due.amount, due.currency) or not is_enough(due.amount, due.currency):
        raise AmountNotChargeable
    payment = Payment(
        public_id=uuid.uuid4(),
        reference=reference,
        purpose=purpose,
        payer_id=payer_id,
        payee_id=payee_id,
        amount=due.amount,
        currency=due.currency,
        payee_part=due.amount - our_fee,
        state=PaymentState.OPEN.value,
        captured_amount=0,
        passed_on_amount=0,
        returned_amount=0,
        created_at=now,
        changed_at=now,
    )
    db.session.add(payment)
    db.session.flush()
    audit.record("payments.asked", subject=("payment", payment.id), reason=purpose, amount=due.amount, currency=due.currency)
    return payment


def asked_for(reference: uuid.UUID, purpose: str) -> Sequence[Payment]:
    """What was asked for and neither ended nor was given back in full: at most one payment of each payer. Their rows are locked."""
    return asked_for_all([reference], purpose)


def asked_for_all(references: Collection[uuid.UUID], purpose: str) -> Sequence[Payment]:
    """The same of all of these, in one query."""
    wanted = select(Payment).where(Payment.reference.in_(references), Payment.purpose == purpose, Payment.state != PaymentState.ENDED.value)
    alive = wanted.where((Payment.captured_amount == 0) | (Payment.returned_amount < Payment.captured_amount))
    return db.session.scalars(alive.order_by(Payment.id).with_for_update().execution_options(populate_existing=True)).all()


def payments_of(references: Collection[uuid.UUID], purpose: str) -> dict[tuple[uuid.UUID, int], Payment]:
    """The latest payment of each reference and payer; one query."""
    if not references:
        return {}
    wanted = select(Payment).where(Payment.reference.in_(references), Payment.purpose == purpose).order_by(Payment.id)
    return {(payment.reference, payment.payer_id): payment for payment in db.session.scalars(wanted)}
