"""Spending a gift code: reserved for something, consumed when that took place or was lost late, given back when it came to nothing.

Each act locks the code's row, so that the last of a balance has one winner; each may be repeated and then changes nothing. The money becomes the payee's, but
for our part, when it is consumed, and is paid out by the usual rule.
"""

import uuid
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from core.money import Money
from payments.gifts.balance import pays
from payments.gifts.models import GiftCode, GiftUse
from payments.gifts.sell import digest_of, paid_for
from payments.ledger.books import book_spent, book_unspent
from payments.models import Payment
from payments.payouts.earn import earn_part, take_back_part

REFUSALS = {
    "unknown": "There is no such gift code, or it does not hold any more.",
    "currency": "This gift code is for another currency.",
    "used_up": "Nothing is left of this gift code.",
    "too_little": "What is left of this gift code is too little: the rest of the price could not be paid by card.",
}


class GiftDoesNotHold(Conflict):
    """`reason` in the problem document is one of REFUSALS; a code that was never paid, was given back or has run out reads as none."""

    code, detail = "gift_does_not_hold", "This gift code cannot be used here."

    def __init__(self, reason: str) -> None:
        super().__init__(REFUSALS[reason], extra={"reason": reason})


class NotSpent(Conflict):
    code, detail = "not_spent", "What the gift code pays is only kept for it so far. Cancel it, and it can be spent anew by itself."


def reserve_gift(written: str, price: Money, *, reference: uuid.UUID, now: datetime) -> GiftUse:
    """Keep as much of the code as it pays of this price. The caller gave back what it had reserved for the reference before. GiftDoesNotHold."""
    found = select(GiftCode).where(GiftCode.digest == digest_of(written))
    gift = db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    payment = paid_for(gift) if gift is not None else None
    if gift is None or payment is None or not holds(gift, payment, now=now):
        raise GiftDoesNotHold("unknown")
    if gift.value_currency != price.currency:
        raise GiftDoesNotHold("currency")
    left = left_of(gift, payment)
    if left == 0:
        raise GiftDoesNotHold("used_up")
    amount = pays(left, price.amount, price.currency)
    if amount == 0:
        raise GiftDoesNotHold("too_little")
    gift.taken_amount += amount
    use = GiftUse(gift_id=gift.id, reference=reference, state="reserved", amount=amount, at=now)
    db.session.add(use)
    db.session.flush()
    audit.record("payments.gift_reserved", subject=("gift_code", gift.id), amount=amount)
    return use


def holds(gift: GiftCode, payment: Payment, *, now: datetime) -> bool:
    """Whether it can be spent now: never while a bank disputes what was paid for it, or after it was taken back."""
    return gift.state == "paid" and payment.disputed_at is None and (gift.expires_at is None or now < gift.expires_at)


def left_of(gift: GiftCode, payment: Payment) -> int:
    """What can still be spent of it; what went back to a card otherwise than by `sell.return_gift` is spent as well."""
    return max(0, min(gift.value_amount, payment.refundable) - gift.taken_amount)


def use_of(reference: uuid.UUID) -> GiftUse | None:
    """The use that stands for this reference."""
    return db.session.scalars(select(GiftUse).where(GiftUse.reference == reference, GiftUse.state != "released")).one_or_none()


def keep_reserved(reference: uuid.UUID, keep: int, *, now: datetime) -> None:
    """Of what is reserved for the reference `keep` minor units stay so; the rest can be spent anew. Nothing where nothing is reserved."""
    gift, use = _locked(reference)
    if gift is None or use is None or use.state != "reserved" or use.amount <= keep:
        return
    back = use.amount - keep
    gift.taken_amount -= back
    if keep:
        use.amount = keep
    else:
        use.state, use.over_at = "released", now
    db.session.flush()
    audit.record("payments.gift_released", subject=("gift_code", gift.id), amount=back)


def consume_gift(reference: uuid.UUID, our_part: int, *, payee_id: int, took_place_at: datetime, now: datetime) -> GiftUse | None:
    """What is reserved for the reference is the payee's, but for `our_part` of it (less than nothing where we bear a discount). None where nothing is."""
    gift, use = _locked(reference)
    if gift is None or use is None or use.state != "reserved":
        return use
    use.state, use.payee_id, use.our_part, use.over_at = "consumed", payee_id, our_part, now
    db.session.flush()
    paid = paid_for(gift)
    book_spent(paid, f"gift_use:{use.id}", use.amount, our_part, payee_id, now=now)
    earn_part(paid, reference, use.amount - our_part, payee_id=payee_id, took_place_at=took_place_at, now=now)
    audit.record("payments.gift_consumed", subject=("gift_code", gift.id), amount=use.amount)
    return use


def give_back_gift(reference: uuid.UUID, *, now: datetime) -> int:
    """All that a code paid for the reference can be spent anew, also what was consumed: then payee and platform give up what they had of it, and what was paid
    out comes back. How much it was.
    """
    gift, use = _locked(reference)
    if gift is None or use is None:
        return 0
    if use.state == "consumed":
        assert use.payee_id is not None
        assert use.our_part is not None
        paid = paid_for(gift)
        book_unspent(paid, f"gift_use:{use.id}", use.amount, use.our_part, use.payee_id, now=now)
        take_back_part(paid, reference, now=now)
    gift.taken_amount -= use.amount
    use.state, use.over_at = "released", now
    db.session.flush()
    audit.record("payments.gift_given_back", subject=("gift_code", gift.id), amount=use.amount)
    return use.amount


def return_use(reference: uuid.UUID, *, by: int, now: datetime) -> Money:
    """Staff let what a code paid for something that is over be spent anew: all of it. NotFound where no code paid for it, NotSpent while that is not over."""
    gift, use = _locked(reference)
    if gift is None or use is None:
        raise NotFound
    if use.state != "consumed":
        raise NotSpent
    audit.record("payments.gift_use_returned", subject=("gift_code", gift.id), actor=by, amount=use.amount)
    return Money(give_back_gift(reference, now=now), gift.value_currency)


def pass_on_gift(before: uuid.UUID, after: uuid.UUID) -> None:
    """What it was reserved for has another name now."""
    _, use = _locked(before)
    if use is not None:
        use.reference = after
        db.session.flush()


def _locked(reference: uuid.UUID) -> tuple[GiftCode | None, GiftUse | None]:
    use = use_of(reference)
    if use is None:
        return None, None
    gift = db.session.execute(select(GiftCode).where(GiftCode.id == use.gift_id).with_for_update().execution_options(populate_existing=True)).scalar_one()
    db.session.refresh(use)
    return gift, use if use.state != "released" else None
