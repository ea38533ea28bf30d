"""A card is kept when the checkout that asked for it was paid, and can be charged until its holder takes it away or another one takes its place."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import NotFound
from payments.models import Payment, PaymentAttempt, SavedCard
from payments.processor_facts import PaymentIntent


def card_in_force(payer_id: int, payee_id: int) -> SavedCard | None:
    """What this payer lets this payee be paid from."""
    mine = select(SavedCard).where(SavedCard.payer_id == payer_id, SavedCard.payee_id == payee_id, SavedCard.revoked_at.is_(None))
    return db.session.scalars(mine.execution_options(populate_existing=True)).one_or_none()


def cards_of(payer_id: int) -> Sequence[SavedCard]:
    """Everything that this person lets us keep."""
    return db.session.scalars(select(SavedCard).where(SavedCard.payer_id == payer_id, SavedCard.revoked_at.is_(None)).order_by(SavedCard.id)).all()


def keep_card(payment: Payment, attempt: PaymentAttempt, paid: PaymentIntent, *, now: datetime) -> None:
    """The checkout that asked to keep its card was paid by it. The caller holds the lock of the payment; the same card again stays one row."""
    if not attempt.saves_card or attempt.terms is None or paid.payment_method is None:
        return
    known = card_in_force(payment.payer_id, payment.payee)
    if known is not None and known.method == paid.payment_method:
        return
    if known is not None:
        known.revoked_at = now
        db.session.flush()
    card = SavedCard(
        public_id=uuid.uuid4(),
        payer_id=payment.payer_id,
        payee_id=payment.payee,
        method=paid.payment_method,
        brand=(paid.charge and paid.charge.brand) or "card",
        last_four=(paid.charge and paid.charge.last4) or "",
        terms=attempt.terms,
        agreed_at=attempt.created_at,
    )
    db.session.add(card)
    db.session.flush()
    audit.record("payments.card_kept", subject=("saved_card", card.id), actor=payment.payer_id, reason=attempt.terms)


def revoke_card(public_id: uuid.UUID, *, payer_id: int, now: datetime) -> SavedCard:
    """It is charged no more from now on. NotFound for anybody else's. Twice changes nothing."""
    wanted = select(SavedCard).where(SavedCard.public_id == public_id, SavedCard.payer_id == payer_id).with_for_update()
    card = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if card is None:
        raise NotFound
    if card.revoked_at is None:
        card.revoked_at = now
        db.session.flush()
        audit.record("payments.card_taken_away", subject=("saved_card", card.id), actor=payer_id)
    return card
