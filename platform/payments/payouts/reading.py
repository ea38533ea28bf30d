"""A payee's payouts, as they see them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from core.db import db
from core.errors import Invalid
from core.http import cursor_of, key_of
from core.money import Money
from payments.payouts.models import Payout
from payments.payouts.rules import PayoutState


@dataclass(frozen=True, slots=True)
class PayoutShown:
    """`amount` is what was sent or, until then, what would be sent now; `returned` what came back of it, or is on its way."""

    public_id: uuid.UUID
    reference: uuid.UUID
    state: PayoutState
    amount: Money
    returned: Money
    waits_for: str | None
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class PayoutPage:
    items: Sequence[PayoutShown]
    next: str | None


def payouts_of(person_id: int, *, limit: int, cursor: str | None) -> PayoutPage:
    """The one that is due last first. Invalid for a cursor that is not of this list."""
    wanted = select(Payout).where(Payout.payee_id == person_id).order_by(Payout.due_at.desc(), Payout.id.desc()).limit(limit + 1)
    if cursor is not None:
        wanted = wanted.where(tuple_(Payout.due_at, Payout.id) < _position(cursor))
    found = db.session.scalars(wanted.options(joinedload(Payout.payment))).all()
    last = found[limit - 1] if len(found) > limit else None
    return PayoutPage([_shown(payout) for payout in found[:limit]], cursor_of(last.due_at.isoformat(), last.id) if last is not None else None)


def _shown(payout: Payout) -> PayoutShown:
    amount = payout.would_send(payout.payment) if payout.amount is None else payout.amount
    return PayoutShown(
        payout.public_id,
        payout.reference,
        payout.stands,
        Money(amount, payout.currency),
        Money(payout.returned_amount, payout.currency),
        payout.waits_for,
        payout.due_at,
        payout.sent_at if payout.stands is PayoutState.SENT else None,
    )


def _position(cursor: str) -> tuple[datetime, int]:
    due_at, payout_id = key_of(cursor, str, int)
    try:
        return datetime.fromisoformat(due_at), payout_id
    except ValueError as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error
