"""Payments, the attempts at them, refunds, disputes, saved cards, and what the processor told us. Amounts are minor units.

The database has the last word where two things at once would cost somebody money: one payment that can be paid for a reference, purpose and payer; one live
attempt at it; never more promised back than was captured; each event and charge of the processor once, each refund once for a payment.
"""

import uuid
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasPublicId
from core.money import Money
from payments.lifecycle import AttemptState, PaymentState, RefundState

# What a payment is for, as far as receipts and books have to tell it apart.
PURPOSES = ("session", "late_fee", "no_show_fee", "pack", "gift", "cart")
ATTEMPT_KINDS = ("checkout", "charge")
EVENT_STATES = ("waiting", "done", "set_aside")


def one_of(column: str, values: Iterable[str]) -> str:
    return f"{column} IN ({', '.join(repr(str(value)) for value in values)})"


class Payment(Base, HasPublicId):
    """What `payer` owes `payee` for one purpose of a `reference`, which only who asked for it understands. A gift code is paid to nobody yet, and a cart to
    several: it collects the payments of its parts (`collected_by_id`), which are settled out of it and are refunded, earned and shown each for itself.

    `returned_amount` is what refunds that have not failed promise back. `told_at` is when who asked has heard that it settled. `charge` and `intent` are the
    processor's names of what was captured.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint(one_of("purpose", PURPOSES), name="purpose_is_known"),
        CheckConstraint(one_of("state", PaymentState), name="state_is_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("payee_part >= 0", name="payee_part_not_negative"),
        CheckConstraint("(payee_id IS NULL) = (purpose IN ('gift', 'cart'))", name="whose_it_is_is_known_or_nobodys"),
        CheckConstraint(
            "passed_on_amount = 0 OR (passed_on_amount > 0 AND passed_on_amount <= captured_amount - returned_amount)", name="passes_on_no_more_than_is_left"
        ),
        CheckConstraint("collected_by_id IS NULL OR purpose = 'session'", name="a_cart_is_of_sessions"),
        CheckConstraint("captured_amount >= 0", name="captured_not_negative"),
        CheckConstraint("returned_amount BETWEEN 0 AND captured_amount", name="returns_no_more_than_captured"),
        CheckConstraint("state <> 'settled' OR settled_at IS NOT NULL", name="settled_has_its_time"),
        CheckConstraint("captured_amount = 0 OR state IN ('settled', 'mismatched', 'ended')", name="only_what_came_is_captured"),
        CheckConstraint("(state = 'ended') = (end_reason IS NOT NULL)", name="an_end_has_its_reason"),
        # What can be paid is there once, so that who comes back resumes it; what was paid and given back in full can be asked for again.
        Index(
            "uq_payments_asked_once",
            "reference",
            "purpose",
            "payer_id",
            unique=True,
            postgresql_where=text("state <> 'ended' AND (captured_amount = 0 OR returned_amount < captured_amount)"),
        ),
        Index(None, "reference"),
        Index(None, "collected_by_id", postgresql_where=text("collected_by_id IS NOT NULL")),
        Index(None, "payer_id", "created_at"),
        Index(None, "payee_id", "created_at"),
        Index("ix_payments_to_tell", "settled_at", postgresql_where=text("state = 'settled' AND told_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[uuid.UUID]
    purpose: Mapped[str]
    payer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    payee_part: Mapped[int | None]  # of the amount; the rest is ours, and less than nothing where we bear a discount. None: all of it
    state: Mapped[str] = mapped_column(server_default="open")
    captured_amount: Mapped[int] = mapped_column(server_default=text("0"))
    captured_currency: Mapped[str | None]
    collected_by_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))  # the cart at whose checkout it is, or was, paid
    passed_on_amount: Mapped[int] = mapped_column(server_default=text("0"))  # what of a cart its parts were settled with
    returned_amount: Mapped[int] = mapped_column(server_default=text("0"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]  # a code
    disputed_at: Mapped[datetime | None]  # while a dispute is not decided for us
    intent: Mapped[str | None] = mapped_column(unique=True)
    charge: Mapped[str | None] = mapped_column(unique=True)

    attempts: Mapped[list["PaymentAttempt"]] = relationship(lazy="raise", order_by="PaymentAttempt.number", back_populates="payment")
    refunds: Mapped[list["Refund"]] = relationship(lazy="raise", order_by="Refund.id", back_populates="payment")

    @property
    def payee(self) -> int:
        """Whose it is, where it is somebody's already."""
        if self.payee_id is None:
            raise ValueError("what is paid ahead for anybody has no payee yet")
        return self.payee_id

    @property
    def asked(self) -> Money:
        return Money(self.amount, self.currency)

    @property
    def stands(self) -> PaymentState:
        return PaymentState(self.state)

    def our_part(self, kept: int) -> int:
        """Our fee when `kept` minor units of the amount stay: what is not the payee's share of them, rounded half up."""
        part = self.amount if self.payee_part is None else self.payee_part
        return kept - (2 * part * kept + self.amount) // (2 * self.amount)

    @property
    def refundable(self) -> int:
        """What could still be given back; of a cart what is none of its parts'."""
        return self.captured_amount - self.returned_amount - self.passed_on_amount


class PaymentAttempt(Base):
    """One try to be paid: a hosted checkout, or a charge of a saved card without its holder. At most one of a payment is live.

    `key` is sent with every call that begins it, and is written down, with everything the call says, before the first one. `sent_at` is that call.
    """

    __tablename__ = "payment_attempts"
    __table_args__ = (
        CheckConstraint(one_of("kind", ATTEMPT_KINDS), name="kind_is_known"),
        CheckConstraint(one_of("state", AttemptState), name="state_is_known"),
        CheckConstraint("kind <> 'checkout' OR expires_at IS NOT NULL", name="a_checkout_runs_out"),
        CheckConstraint("dropped_at IS NULL OR kind = 'charge'", name="a_charge_is_dropped"),
        CheckConstraint("state <> 'open' OR session IS NOT NULL OR intent IS NOT NULL", name="what_is_open_has_a_name"),
        UniqueConstraint("payment_id", "number"),
        Index("uq_payment_attempts_live", "payment_id", unique=True, postgresql_where=text("state IN ('intended', 'open')")),
        Index("ix_payment_attempts_to_look_at", "look_at", postgresql_where=text("state IN ('intended', 'open')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    number: Mapped[int]
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="intended")
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    dropped_at: Mapped[datetime | None]  # since when nobody wants this charge, and it is not begun again
    expires_at: Mapped[datetime | None]
    saved_card_id: Mapped[int | None] = mapped_column(ForeignKey("saved_cards.id"))  # which card a charge is of
    saves_card: Mapped[bool] = mapped_column(server_default=text("false"))  # whether a checkout asks to keep the card, for the terms below
    terms: Mapped[str | None]  # the version of the words that the payer agreed to
    session: Mapped[str | None] = mapped_column(unique=True)
    intent: Mapped[str | None] = mapped_column(unique=True)
    address: Mapped[str | None]  # of the hosted page, or of the page on which a bank asks its customer
    decline: Mapped[str | None]  # the processor's code of the last refusal
    look_at: Mapped[datetime | None]  # when the poller asks the processor next
    changed_at: Mapped[datetime]

    payment: Mapped[Payment] = relationship(lazy="raise", back_populates="attempts")

    @property
    def stands(self) -> AttemptState:
        return AttemptState(self.state)


class Refund(Base, HasPublicId):
    """Money that goes back to the payer's card. One made at the processor's own desk is `external`, without a key of ours."""

    __tablename__ = "refunds"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint(one_of("state", RefundState), name="state_is_known"),
        CheckConstraint("external = (key IS NULL)", name="ours_have_a_key"),
        CheckConstraint("NOT external OR processor_id IS NOT NULL", name="theirs_have_a_name"),
        # One by hand over a cart is one for each part that bears some of it.
        UniqueConstraint("processor_id", "payment_id"),
        Index(None, "payment_id"),
        Index("ix_refunds_to_look_at", "look_at", postgresql_where=text("state IN ('requested', 'pending')")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    amount: Mapped[int]
    state: Mapped[str] = mapped_column(server_default="requested")
    reason: Mapped[str]  # a code: cancelled, declined, late, ...
    external: Mapped[bool] = mapped_column(server_default=text("false"))
    key: Mapped[str | None] = mapped_column(unique=True)
    processor_id: Mapped[str | None]
    requested_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))  # None: nobody, a clock or a rule
    requested_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]
    failure: Mapped[str | None]  # a code
    look_at: Mapped[datetime | None]

    payment: Mapped[Payment] = relationship(lazy="raise", back_populates="refunds")

    @property
    def stands(self) -> RefundState:
        return RefundState(self.state)


class Dispute(Base):
    """A payer asked their bank to take the money back. It left our balance at once, whatever we think of it."""

    __tablename__ = "disputes"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'won', 'lost')", name="state_is_known"),
        Index(None, "payment_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    processor_id: Mapped[str] = mapped_column(unique=True)
    state: Mapped[str] = mapped_column(server_default="open")
    amount: Mapped[int]
    currency: Mapped[str]
    reason: Mapped[str]  # the processor's code
    opened_at: Mapped[datetime]
    answer_by: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class ProcessorEvent(Base):
    """That something happened to an object at the processor: a hint to ask about it, kept once. Nothing of its body is kept but names.

    `waiting` until its object was read and our side moved; `set_aside` when it is not for us, with the reason `why`.
    """

    __tablename__ = "processor_events"
    __table_args__ = (
        CheckConstraint(one_of("state", EVENT_STATES), name="state_is_known"),
        CheckConstraint("(state = 'set_aside') <= (why IS NOT NULL)", name="set_aside_for_a_reason"),
        Index("ix_processor_events_waiting", "try_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # payment_intent.succeeded
    object_kind: Mapped[str]  # payment_intent
    object_id: Mapped[str]
    account: Mapped[str | None]  # the connected account it happened on, if any
    live: Mapped[bool]
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(server_default="waiting")
    why: Mapped[str | None]  # a code: what it waits for, or why it is set aside
    tried: Mapped[int] = mapped_column(server_default=text("0"))
    try_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class PayerCustomer(Base):
    """A person's name at the processor; it carries no address and no name of theirs."""

    __tablename__ = "payer_customers"

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    customer: Mapped[str | None] = mapped_column(unique=True)
    key: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


class SavedCard(Base, HasPublicId):
    """A mandate: this payer lets what they owe this payee be charged to this card while they are away, on terms of the version `terms`."""

    __tablename__ = "saved_cards"
    __table_args__ = (Index("uq_saved_cards_in_force", "payer_id", "payee_id", unique=True, postgresql_where=text("revoked_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    payer_id: Mapped[int] = mapped_column(ForeignKey("payer_customers.person_id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    method: Mapped[str]  # the processor's name of the card
    brand: Mapped[str]
    last_four: Mapped[str]
    terms: Mapped[str]
    agreed_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
