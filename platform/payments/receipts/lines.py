"""The payments that receipts and statements are about, with everything that is said of them; a fixed number of queries."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.models import Person
from core.db import db
from core.money import Money
from payments.gifts.models import GiftUse
from payments.lifecycle import RefundState
from payments.models import Payment, Refund
from payments.receipts.described import WORDS_FOR, Described, described, payee_names
from payments.receipts.seller import Seller, seller_at

# Whoever sells what is paid ahead for anybody.
OPERATOR = "Attune"
# What a gift code can pay a part of.
PAID_BY_GIFTS = frozenset({"session", "late_fee", "no_show_fee"})


@dataclass(frozen=True, slots=True)
class Returned:
    """Money that went back, or is on its way (`is_done` False)."""

    amount: Money
    at: datetime
    is_done: bool


@dataclass(frozen=True, slots=True)
class GiftPart:
    """What a gift code pays beside the card, in minor units, and our fee on it once it is the seller's."""

    amount: int = 0
    ours: int = 0
    is_sellers: bool = False


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One payment that was made. `ours` is our fee on what was kept; it is in the price, never on top. `receipt` is the payment by which its receipt is named:
    itself, or in a cart the first of the same seller.
    """

    payment: Payment
    receipt: uuid.UUID
    what: str
    occasion: Described | None
    payer: str
    payee: str
    paid: Money
    back: Sequence[Returned]
    kept: Money
    ours: Money
    gift: "GiftPart"

    @property
    def returned(self) -> Money:
        return Money(sum(each.amount.amount for each in self.back), self.paid.currency)

    @property
    def seller(self) -> Seller:
        """As they had stated when it was paid."""
        payment = self.payment
        assert payment.settled_at is not None
        stated = seller_at(payment.payee_id, payment.settled_at) if payment.payee_id is not None else None
        return stated or Seller(self.payee)


NO_GIFT = GiftPart()


def lines_of(payments: Sequence[Payment]) -> list[PaidLine]:
    """In the order given."""
    occasions: dict[uuid.UUID, Described] = {}
    for purpose in {each.purpose for each in payments}:
        occasions |= described(purpose, [each.reference for each in payments if each.purpose == purpose])
    people = {person_id for each in payments for person_id in (each.payer_id, each.payee_id) if person_id is not None}
    names = {person.id: person.name or "" for person in db.session.scalars(select(Person).where(Person.id.in_(people)))}
    names |= payee_names([each.payee_id for each in payments if each.payee_id is not None])
    going = select(Refund).where(Refund.payment_id.in_([each.id for each in payments]), Refund.state != RefundState.FAILED.value)
    refunds = db.session.scalars(going.order_by(Refund.requested_at, Refund.id)).all()
    named, gifts = receipts_named(payments), _gift_parts(payments)
    going_back = {each.id: [back for back in refunds if back.payment_id == each.id] for each in payments}
    return [
        _line(each, named.get(each.id, each.public_id), occasions.get(each.reference), names, going_back[each.id], gifts.get(each.id, NO_GIFT))
        for each in payments
    ]


def _gift_parts(payments: Sequence[Payment]) -> dict[int, GiftPart]:
    """By payment id, of those beside which a gift code pays of the same thing."""
    by_reference = {each.reference: each.id for each in payments if each.purpose in PAID_BY_GIFTS}
    uses = db.session.scalars(select(GiftUse).where(GiftUse.reference.in_(by_reference), GiftUse.state != "released"))
    return {by_reference[use.reference]: GiftPart(use.amount, use.our_part or 0, use.state == "consumed") for use in uses}


def bought_together(payment: Payment) -> Sequence[Payment]:
    """What its payer bought from the same seller at one checkout, in order."""
    if payment.collected_by_id is None or payment.intent is not None:
        return [payment]
    same = select(Payment).where(Payment.collected_by_id == payment.collected_by_id, Payment.payee_id == payment.payee_id, Payment.captured_amount > 0)
    return db.session.scalars(same.where(Payment.intent.is_(None)).order_by(Payment.id)).all() or [payment]


def receipts_named(payments: Sequence[Payment]) -> dict[int, uuid.UUID]:
    """By which payment the receipt of each is named, by id; only of those that were paid in a cart."""
    carts = {each.collected_by_id for each in payments if each.collected_by_id is not None and each.intent is None}
    if not carts:
        return {}
    parts = select(Payment).where(Payment.collected_by_id.in_(carts), Payment.captured_amount > 0, Payment.intent.is_(None))
    of_seller: dict[tuple[int | None, int | None], Payment] = {}
    named = {}
    for part in db.session.scalars(parts.order_by(Payment.id)):
        named[part.id] = of_seller.setdefault((part.collected_by_id, part.payee_id), part).public_id
    return named


def _line(payment: Payment, receipt: uuid.UUID, occasion: Described | None, names: dict[int, str], refunds: Sequence[Refund], gift: GiftPart) -> PaidLine:
    currency = payment.captured_currency or payment.currency
    back = [Returned(Money(each.amount, currency), each.requested_at, each.stands is RefundState.SUCCEEDED) for each in refunds]
    return PaidLine(
        payment=payment,
        receipt=receipt,
        what=occasion.what if occasion is not None else WORDS_FOR[payment.purpose],
        occasion=occasion,
        payer=names.get(payment.payer_id, ""),
        payee=OPERATOR if payment.payee_id is None else names.get(payment.payee_id, ""),
        paid=Money(payment.captured_amount, currency),
        back=back,
        kept=Money(payment.refundable, currency),
        ours=Money(max(payment.our_part(payment.refundable), 0), currency),
        gift=gift,
    )
