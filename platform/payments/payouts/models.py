"""Payouts and their reversals. Each keeps the key that is sent with every call, written down before the first one."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasPublicId
from payments.models import Payment, one_of
from payments.payouts.rules import PayoutState, ReversalState, amount_to_send


class Payout(Base, HasPublicId):
    """What a payee earned by one `reference` out of one payment. `amount` is set when it is sent; until then refunds may make it less.

    `share` is set for a part of a payment that was made ahead (a session of a pack): that many minor units are the payee's, whatever becomes of the rest. It
    is also set where we bear all of a price: then there is no payment, and it leaves our balance.
    """

    __tablename__ = "payouts"
    __table_args__ = (
        CheckConstraint(one_of("state", PayoutState), name="state_is_known"),
        CheckConstraint("amount > 0 AND returned_amount BETWEEN 0 AND amount", name="comes_back_no_more_than_was_sent"),
        CheckConstraint("state NOT IN ('sending', 'sent', 'needs_person') OR (amount IS NOT NULL AND key IS NOT NULL)", name="what_is_sent_has_a_key"),
        CheckConstraint("(state = 'sent') = (transfer IS NOT NULL)", name="what_was_sent_has_a_name"),
        CheckConstraint("payment_id IS NOT NULL OR share IS NOT NULL", name="borne_by_us_has_its_share"),
        Index("uq_payouts_once", "payment_id", "reference", unique=True),
        Index("uq_payouts_borne_once", "reference", unique=True, postgresql_where=text("payment_id IS NULL")),
        Index("ix_payouts_due", "due_at", postgresql_where=text("state IN ('earned', 'sending')")),
        Index(None, "payee_id", "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reference: Mapped[uuid.UUID]
    share: Mapped[int | None]
    currency: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="earned")
    earned_at: Mapped[datetime]
    due_at: Mapped[datetime]
    waits_for: Mapped[str | None]  # a code: why it did not leave when we last looked
    amount: Mapped[int | None]
    returned_amount: Mapped[int] = mapped_column(server_default=text("0"))
    key: Mapped[str | None] = mapped_column(unique=True)
    sent_at: Mapped[datetime | None]
    transfer: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str | None]  # a code
    changed_at: Mapped[datetime]

    payment: Mapped[Payment | None] = relationship(lazy="raise", viewonly=True)

    @property
    def stands(self) -> PayoutState:
        return PayoutState(self.state)

    def would_send(self, payment: Payment | None) -> int:
        """How much leaves now out of its payment, or of our balance where there is none."""
        if payment is None:
            return self.share or 0
        kept = payment.refundable
        return amount_to_send(kept, payment.our_part(kept), self.share, is_anybodys=payment.payee_id is None)


class PayoutReversal(Base, HasPublicId):
    """Part of a payout on its way back, because what it was paid for is given back."""

    __tablename__ = "payout_reversals"
    __table_args__ = (
        CheckConstraint(one_of("state", ReversalState), name="state_is_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(state = 'done') = (processor_id IS NOT NULL)", name="what_came_back_has_a_name"),
        Index(None, "payout_id"),
        Index("ix_payout_reversals_intended", "id", postgresql_where=text("state = 'intended'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payout_id: Mapped[int] = mapped_column(ForeignKey("payouts.id"))
    refund_id: Mapped[int | None] = mapped_column(ForeignKey("refunds.id"))
    amount: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="intended")
    key: Mapped[str] = mapped_column(unique=True)
    intended_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    processor_id: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str | None]  # a code
    changed_at: Mapped[datetime]

    payout: Mapped[Payout] = relationship(lazy="raise", viewonly=True)

    @property
    def stands(self) -> ReversalState:
        return ReversalState(self.state)
