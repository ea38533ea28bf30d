"""What the processor says of a refund or a dispute, taken over: ours move forward, others' are written down as what somebody else did."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.money import split
from payments import processor_facts as said
from payments.attention import need_person
from payments.ledger import books
from payments.letters import tell_of_refund
from payments.lifecycle import REFUND_STEPS, RefundState
from payments.models import Dispute, Payment, Refund
from payments.payouts.earn import take_back_for
from payments.reconciler.open_differences import is_of_a_difference
from payments.steps import advance_refund, lock_payment, lock_refund, parts_of

# https://docs.stripe.com/api/refunds/object#refund_object-status
STATE_OF = {
    "pending": RefundState.PENDING,
    "requires_action": RefundState.PENDING,
    "succeeded": RefundState.SUCCEEDED,
    "failed": RefundState.FAILED,
    "canceled": RefundState.FAILED,
}
# https://docs.stripe.com/api/disputes/object#dispute_object-status
WON = frozenset({"won", "warning_closed", "prevented"})


class PaymentUnknown(Exception):
    """What the processor tells of belongs to no payment of ours, or to none yet."""


class OfNoPayment(Exception):
    """The desk gave back money that belongs to no payment: there is nothing to take over."""


class NoRoomYet(Exception):
    """Somebody else's refund and ours together are more than was captured: ours is about to fail, and until then this cannot be written down."""


def apply_refund(told: said.Refund, *, now: datetime) -> Refund:
    """Move our refund to where the processor has it, or write down one that somebody made there by hand: over a cart, one for each part that bears some of
    it, of which this is the first. PaymentUnknown, NoRoomYet, OfNoPayment."""
    ours = _ours(told)
    if not ours and is_of_a_difference(told.reference):
        raise OfNoPayment
    if not ours:
        return _apply_external(told, now=now)
    moved = [_move(each, told, now=now) for each in ours]
    return moved[0]


def _move(refund_id: int, told: said.Refund, *, now: datetime) -> Refund:
    payment, refund = lock_refund(refund_id)
    refund.processor_id = told.id
    target = STATE_OF[told.status]
    if target is not refund.stands and target in REFUND_STEPS[refund.stands]:
        advance_refund(payment, refund, target, now=now, failure=told.failure_reason or ("canceled" if told.status == "canceled" else None))
        _follow(payment, refund, now=now)
    db.session.flush()
    return refund


def refuse_refund(refund_id: int, *, code: str, now: datetime) -> None:
    """The processor will not take it: it failed where nothing is left to give back, else a person sees to it. Nothing for one that has moved on."""
    payment, refund = lock_refund(refund_id)
    if refund.stands is not RefundState.REQUESTED:
        return
    if code == "charge_disputed" and payment.disputed_at is None:
        payment.disputed_at = now
    target = RefundState.FAILED if code == "charge_already_refunded" else RefundState.NEEDS_PERSON
    advance_refund(payment, refund, target, now=now, failure=code)
    need_person("refund_refused", ("refund", refund.public_id), person_id=payment.payer_id, now=now, code=code, amount=refund.amount)


def apply_dispute(told: said.Dispute, *, now: datetime) -> Dispute:
    """Keep how a dispute stands. While it is open, and after it is lost, nothing of the payment is given back. PaymentUnknown."""
    payment = _payment_of(told.payment_intent)
    kept = db.session.scalars(select(Dispute).where(Dispute.processor_id == told.id)).one_or_none()
    state = "won" if told.status in WON else "lost" if told.status == "lost" else "open"
    if kept is None:
        kept = Dispute(
            payment_id=payment.id,
            processor_id=told.id,
            state="open",
            amount=told.amount,
            currency=told.currency,
            reason=told.reason,
            opened_at=told.created_at,
            answer_by=told.evidence_due_at,
            changed_at=now,
        )
        db.session.add(kept)
        db.session.flush()
        books.book_disputed(payment, kept, now=now)
        audit.record("payments.disputed", subject=("payment", payment.id), reason=told.reason, amount=told.amount)
        need_person("disputed", ("payment", payment.public_id), person_id=payment.payer_id, priority="high", now=now, reason=told.reason, amount=told.amount)
    for entry in told.entries:
        books.book_dispute_fee(payment, kept, entry, now=now)
    if kept.state == "open" and state != "open":
        _decide(kept, payment, state, now=now)
    if kept.state != "won" and payment.disputed_at is None:
        _note_dispute(payment, told.created_at)
    kept.answer_by = told.evidence_due_at
    db.session.flush()
    return kept


def _decide(dispute: Dispute, payment: Payment, state: str, *, now: datetime) -> None:
    dispute.state, dispute.changed_at = state, now
    books.book_dispute_decided(payment, dispute, parts=[part for part in parts_of(payment) if part.captured_amount], now=now)
    audit.record(f"payments.dispute_{state}", subject=("payment", payment.id))
    others = select(Dispute.id).where(Dispute.payment_id == payment.id, Dispute.id != dispute.id, Dispute.state != "won")
    if state == "won" and db.session.scalars(others).first() is None:
        _note_dispute(payment, None)


def _note_dispute(payment: Payment, at: datetime | None) -> None:
    """Of a cart each part is disputed with it: the bank does not say which."""
    for each in (payment, *parts_of(payment)):
        each.disputed_at = at


def _apply_external(told: said.Refund, *, now: datetime) -> Refund:
    whole, counts = _payment_of(told.payment_intent), STATE_OF[told.status] is not RefundState.FAILED
    borne = [(whole, told.amount)] if whole.purpose != "cart" else _borne(parts_of(whole), told.amount) or [(whole, told.amount)]
    for payment, amount in borne:
        if counts and amount > payment.refundable:
            _drop_refused(payment, amount, now=now)
        if counts and amount > payment.refundable:
            raise NoRoomYet
    refunds = [_write_external(payment, amount, told, now=now) for payment, amount in borne]
    about = borne[0][0] if len(borne) == 1 else whole
    facts: dict[str, object] = {"shares": {str(payment.public_id): amount for payment, amount in borne}} if len(borne) > 1 else {}
    facts |= {"amount": told.amount, "currency": told.currency}
    need_person("external_refund", ("payment", about.public_id), now=now, person_id=about.payer_id, **facts)  # type: ignore[arg-type]
    return refunds[0]


def _write_external(payment: Payment, amount: int, told: said.Refund, *, now: datetime) -> Refund:
    state = STATE_OF[told.status]
    counts = 0 if state is RefundState.FAILED else amount
    refund = Refund(
        public_id=uuid.uuid4(),
        payment_id=payment.id,
        amount=amount,
        state=state.value,
        reason="external",
        external=True,
        processor_id=told.id,
        requested_at=told.created_at,
        changed_at=now,
        failure=told.failure_reason,
        look_at=now if state is RefundState.PENDING else None,
    )
    payment.returned_amount += counts
    db.session.add(refund)
    db.session.flush()
    if counts:
        books.book_refund_promised(payment, refund, now=now)
        take_back_for(payment, refund, now=now)
    if state is RefundState.SUCCEEDED:
        books.book_refund_left(payment, refund, now=now)
    audit.record("payments.refund_external", subject=("refund", refund.id), payment=payment.id, amount=amount)
    return refund


def _borne(parts: Sequence[Payment], amount: int) -> list[tuple[Payment, int]]:
    """Whose money somebody gave back by hand over a cart: the part's that has just that left, else of all of them, by what is left of each (largest
    remainder). Nothing where they do not have as much.
    """
    left = [part for part in parts if part.refundable]
    exact = next((part for part in left if part.refundable == amount), None)
    if exact is not None:
        return [(exact, amount)]
    if amount > sum(part.refundable for part in left):
        return []
    shares = zip(left, split(amount, [part.refundable for part in left]), strict=True)
    return [(part, share) for part, share in shares if share]


def _drop_refused(payment: Payment, counts: int, *, now: datetime) -> None:
    """Refunds of ours that the processor would not take were promised, and somebody gave the money back by hand: what is promised beyond that is dropped, the
    latest first. Their cases stay.
    """
    refused = select(Refund).where(Refund.payment_id == payment.id, Refund.state == RefundState.NEEDS_PERSON.value, Refund.processor_id.is_(None))
    for refund in db.session.scalars(refused.order_by(Refund.id.desc()).execution_options(populate_existing=True)).all():
        if counts <= payment.refundable:
            return
        advance_refund(payment, refund, RefundState.FAILED, now=now, failure="given_back_otherwise")


def _follow(payment: Payment, refund: Refund, *, now: datetime) -> None:
    tell_of_refund(payment, refund, now=now)
    if refund.stands is RefundState.FAILED:
        need_person(
            "refund_failed", ("refund", refund.public_id), person_id=payment.payer_id, priority="high", now=now, amount=refund.amount, code=refund.failure
        )


def _ours(told: said.Refund) -> Sequence[int]:
    known = db.session.scalars(select(Refund.id).where(Refund.processor_id == told.id).order_by(Refund.payment_id)).all()
    if known or told.reference is None:
        return known
    try:
        public_id = uuid.UUID(told.reference)
    except ValueError:
        return ()
    return db.session.scalars(select(Refund.id).where(Refund.public_id == public_id)).all()


def _payment_of(intent: str | None) -> Payment:
    found = db.session.execute(select(Payment.id).where(Payment.intent == intent)).scalar_one_or_none() if intent else None
    if found is None:
        raise PaymentUnknown
    return lock_payment(found)
