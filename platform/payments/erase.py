"""Money on its way, and sessions paid ahead, keep an account from being erased. Kept cards go, here at once and then at the processor; every payment stays."""

from datetime import datetime

from sqlalchemy import or_, select, update

from accounts.erase import Obstacle
from core.db import db
from payments.cards.forget_calls import take_away
from payments.cards.keep import cards_of
from payments.gifts.models import GiftCode
from payments.lifecycle import LIVE_ATTEMPT, PaymentState, RefundState
from payments.models import Dispute, Payment, PaymentAttempt, Refund
from payments.packs.models import Pack

MOVING = Obstacle("money_moving", "A payment, a refund or a question of your bank is not over. Look again once it is.")
PACKS = Obstacle("packs_left", "Sessions that you paid ahead are left. Use them, or get the rest back on the page of your packs first.")


def money_moving(person_id: int, now: datetime) -> Obstacle | None:  # noqa: ARG001 the signature is `accounts.erase.FindObstacle`
    """A checkout that could still be paid, money at a bank or at a person's desk, a refund that has not arrived, a dispute that is not decided."""
    live = select(PaymentAttempt.payment_id).where(PaymentAttempt.state.in_([state.value for state in LIVE_ATTEMPT]))
    on_its_way = (RefundState.REQUESTED, RefundState.PENDING, RefundState.NEEDS_PERSON)
    going_back = select(Refund.payment_id).where(Refund.state.in_([state.value for state in on_its_way]))
    at_bank = Payment.state == PaymentState.PROCESSING.value
    at_desk = (Payment.state == PaymentState.MISMATCHED.value) & (Payment.returned_amount < Payment.captured_amount)
    untold = (Payment.state == PaymentState.SETTLED.value) & Payment.told_at.is_(None)
    disputes = select(Dispute.id).where(Dispute.payment_id.in_((Payment.id, Payment.collected_by_id))).correlate(Payment)
    # A refund that is refused may be the first that we hear of a dispute.
    disputed = disputes.where(Dispute.state == "open").exists() | (Payment.disputed_at.is_not(None) & ~disputes.exists())
    moving = or_(Payment.id.in_(live), Payment.id.in_(going_back), at_bank, at_desk, untold, disputed)
    return MOVING if db.session.scalars(select(Payment.id).where(Payment.payer_id == person_id, moving).limit(1)).first() is not None else None


def packs_left(person_id: int, now: datetime) -> Obstacle | None:  # noqa: ARG001
    open_packs = select(Pack.id).where(Pack.payer_id == person_id, Pack.state == "paid", Pack.consumed < Pack.sessions)
    return PACKS if db.session.scalars(open_packs.limit(1)).first() is not None else None


def take_cards_away(person_id: int, now: datetime) -> None:
    for card in cards_of(person_id):
        take_away(card.public_id, payer_id=person_id, now=now)


def erase_gift_words(person_id: int, now: datetime) -> None:  # noqa: ARG001 the signature is `accounts.erase.Eraser`
    """What they wrote with a gift; the gift stays good for whoever has it."""
    db.session.execute(update(GiftCode).where(GiftCode.buyer_id == person_id).values(note_sealed=None))
