"""Ask for money to go back: under the lock of its payment, never more than was captured, never what a bank is disputing. A job sends it."""

import uuid
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from core.jobs import job
from payments.attention import need_person
from payments.gifts.models import GiftCode
from payments.ledger import books
from payments.lifecycle import RefundState
from payments.models import Payment, Refund
from payments.packs.sell import close, pack_of_payment, used_of
from payments.payouts.earn import take_back_for
from payments.refunds.send_calls import send_refund


class MoreThanLeft(Conflict):
    code, detail = "more_than_left", "That is more than is left of this payment. Nothing was given back."


class Disputed(Conflict):
    code, detail = "disputed", "The payer's bank is disputing this payment, so nothing is given back from here. The case is at the desk."


class OnlyTheRest(Conflict):
    code = "only_the_rest"
    detail = "Of a pack only its whole rest goes back: what its sessions that are neither used nor booked are worth. It is closed by that."


def refund_part(public_id: uuid.UUID, amount: int, *, reason: str, by: int, now: datetime) -> Refund:
    """Staff give back `amount` minor units of a payment; of what was paid for a gift code never what the code has paid for others since, and of a pack its
    rest alone, which closes it. NotFound, MoreThanLeft, OnlyTheRest, Disputed.
    """
    pack = pack_of_payment(public_id)
    spent = used_of(pack) if pack is not None else _spent_of_gift(public_id)
    found = select(Payment).where(Payment.public_id == public_id).with_for_update().execution_options(populate_existing=True)
    payment = db.session.scalars(found).one_or_none()
    if payment is None:
        raise NotFound
    if payment.disputed_at is not None:
        raise Disputed
    left = max(0, payment.refundable - spent)
    if amount > left:
        raise MoreThanLeft(extra=_left(payment, left))
    if pack is not None and pack.state == "paid":
        if amount != left:
            raise OnlyTheRest(extra=_left(payment, left))
        close(pack, amount, by=by, now=now)
    refund = give_back(payment, amount, reason=reason, by=by, now=now)
    assert refund is not None
    return refund


def _left(payment: Payment, amount: int) -> dict[str, object]:
    return {"left": {"amount": amount, "currency": payment.captured_currency or payment.currency}}


def _spent_of_gift(public_id: uuid.UUID) -> int:
    """What is reserved or was used of the gift code that this payment is for, whose row is locked before that of its payment. 0 for other payments."""
    bought = select(GiftCode).join(Payment, (Payment.reference == GiftCode.public_id) & (Payment.purpose == "gift")).where(Payment.public_id == public_id)
    gift = db.session.scalars(bought.with_for_update(of=GiftCode).execution_options(populate_existing=True)).one_or_none()
    return gift.taken_amount if gift is not None else 0


def give_back_all_but(
    keep: int, *, reference: uuid.UUID, purpose: str, payer_id: int | None = None, reason: str, by: int | None, now: datetime
) -> list[Refund]:
    """Give back what was captured for the reference, less `keep` minor units of each payment, less what went back already."""
    return give_back_all_of({reference: keep}, purpose=purpose, payer_id=payer_id, reason=reason, by=by, now=now)


def give_back_all_of(keep: Mapping[uuid.UUID, int], *, purpose: str, payer_id: int | None = None, reason: str, by: int | None, now: datetime) -> list[Refund]:
    """The same for several references, by how much is kept of each payment: one statement, and what each refund costs."""
    wanted = select(Payment).where(Payment.reference.in_(keep), Payment.purpose == purpose, Payment.captured_amount > Payment.returned_amount)
    if payer_id is not None:
        wanted = wanted.where(Payment.payer_id == payer_id)
    payments = db.session.scalars(wanted.order_by(Payment.id).with_for_update().execution_options(populate_existing=True)).all()
    refunds = (give_back(payment, payment.refundable - keep[payment.reference], reason=reason, by=by, now=now) for payment in payments)
    return [refund for refund in refunds if refund is not None]


def give_back(payment: Payment, amount: int, *, reason: str, by: int | None, now: datetime) -> Refund | None:
    """The caller holds the lock of the payment, and `amount` is at most what is left of it. None for nothing, and for a disputed payment: that is a case."""
    if amount <= 0:
        return None
    if payment.disputed_at is not None:
        need_person("refund_of_disputed", ("payment", payment.public_id), person_id=payment.payer_id, now=now, amount=amount, reason=reason)
        return None
    public_id = uuid.uuid4()
    refund = Refund(
        public_id=public_id,
        payment_id=payment.id,
        amount=amount,
        state=RefundState.REQUESTED.value,
        reason=reason,
        external=False,
        key=f"refund:{public_id}:1",
        requested_by=by,
        requested_at=now,
        changed_at=now,
        look_at=now,
    )
    payment.returned_amount += amount
    db.session.add(refund)
    db.session.flush()
    books.book_refund_promised(payment, refund, now=now)
    take_back_for(payment, refund, now=now)
    audit.record("payments.refund_requested", subject=("refund", refund.id), reason=reason, actor=by, payment=payment.id, amount=amount)
    send_now.enqueue(refund_id=refund.id)
    return refund


@job("payments.send_refund", outside=True)
def send_now(refund_id: int) -> None:
    send_refund(refund_id)
