"""Gift codes, kept by their digest alone, and each use of one. `public_id` of a code is the reference of its payment, and no way to spend it."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_text
from core.db import Base, HasPublicId
from core.money import Money
from payments.models import one_of

GIFT_STATES = ("asked", "paid", "returned")
# reserved: for something that is not over; consumed: it took place, or was lost late; released: it came to nothing, or was given back.
USE_STATES = ("reserved", "consumed", "released")


class GiftCode(Base, HasPublicId):
    """One code that somebody asked for. The code itself exists from when it is paid; `taken_amount` is what uses that stand took of its value."""

    __tablename__ = "gift_codes"
    __table_args__ = (
        CheckConstraint(one_of("state", GIFT_STATES), name="state_is_known"),
        CheckConstraint("value_amount > 0", name="value_positive"),
        CheckConstraint("taken_amount BETWEEN 0 AND value_amount", name="no_more_than_was_paid"),
        CheckConstraint("(state = 'asked') = (paid_at IS NULL) AND (state = 'returned') = (returned_at IS NOT NULL)", name="states_have_their_times"),
        CheckConstraint("(paid_at IS NULL) = (digest IS NULL)", name="a_code_is_made_when_it_is_paid"),
        CheckConstraint("state <> 'returned' OR taken_amount = 0", name="only_unused_ones_go_back"),
        Index(None, "buyer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    buyer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    value_amount: Mapped[int]
    value_currency: Mapped[str]
    note_sealed: Mapped[bytes | None]
    note = sealed_text("note_sealed")  # of the buyer, for whoever has the code
    digest: Mapped[bytes | None] = mapped_column(unique=True)
    hint: Mapped[str | None]  # its last four letters, for the buyer
    state: Mapped[str] = mapped_column(server_default="asked")
    taken_amount: Mapped[int] = mapped_column(server_default=text("0"))
    terms: Mapped[str | None]  # the version that it was paid under
    asked_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    expires_at: Mapped[datetime | None]
    return_until: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]

    @property
    def value(self) -> Money:
        return Money(self.value_amount, self.value_currency)


class GiftUse(Base):
    """What a code pays of one reference. `our_part` and `payee_id` are known once it is consumed."""

    __tablename__ = "gift_uses"
    __table_args__ = (
        CheckConstraint(one_of("state", USE_STATES), name="state_is_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("state <> 'consumed' OR (payee_id IS NOT NULL AND our_part IS NOT NULL)", name="consumed_is_somebodys"),
        Index("uq_gift_uses_of_a_reference", "reference", unique=True, postgresql_where=text("state <> 'released'")),
        Index(None, "gift_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    gift_id: Mapped[int] = mapped_column(ForeignKey("gift_codes.id"))
    reference: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(server_default="reserved")
    amount: Mapped[int]
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    our_part: Mapped[int | None]
    at: Mapped[datetime]
    over_at: Mapped[datetime | None]
