"""Whether something about a payment waits for a decision; and which of the processor's refunds are such a decision's own."""

import uuid

from sqlalchemy import select

from core.db import db
from payments.reconciler.models import Difference


def differs(payment_id: int) -> bool:
    """While this is so, nothing is paid out of the payment."""
    wanted = select(Difference.id).where(Difference.payment_id == payment_id, Difference.state.in_(["open", "settling"]))
    return db.session.execute(wanted.limit(1)).first() is not None


def is_of_a_difference(reference: str | None) -> bool:
    """Whether our reference on a refund names a difference: money that belongs to no payment goes back by it, and no payment hears of it."""
    try:
        public_id = uuid.UUID(reference or "")
    except ValueError:
        return False
    return db.session.execute(select(Difference.id).where(Difference.public_id == public_id)).first() is not None
