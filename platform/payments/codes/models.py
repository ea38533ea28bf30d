"""Codes, kept by their digest alone, and each use of one. A use counts from the moment it is taken until it is given back."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId
from core.money import Money
from payments.codes.terms import BEARERS, Bearer, Terms
from payments.models import one_of

# Where a code comes from: an admin's campaign, a therapist, or a person at the expert desk after a call.
SOURCES = ("platform", "therapist", "call_back")


class DiscountCode(Base, HasPublicId):
    """`uses` counts those that stand, so that the last one is taken once, whoever asks at the same time."""

    __tablename__ = "discount_codes"
    __table_args__ = (
        CheckConstraint(one_of("source", SOURCES), name="source_is_known"),
        CheckConstraint(one_of("bearer", BEARERS), name="bearer_is_known"),
        CheckConstraint("(points IS NULL) <> (off_amount IS NULL)", name="a_share_or_an_amount"),
        CheckConstraint("(off_amount IS NULL) = (off_currency IS NULL)", name="an_amount_has_a_currency"),
        CheckConstraint("points BETWEEN 1 AND 10000", name="share_in_range"),
        CheckConstraint("off_amount > 0", name="off_positive"),
        CheckConstraint("most_uses > 0 AND most_uses_each > 0", name="limits_above_nothing"),
        CheckConstraint("uses >= 0 AND (most_uses IS NULL OR uses <= most_uses)", name="used_no_more_than_it_can_be"),
        CheckConstraint("holds_from < holds_until", name="window_in_order"),
        CheckConstraint("bearer <> 'payee' OR payee_id IS NOT NULL", name="who_bears_it_is_named"),
        CheckConstraint("source <> 'call_back' OR person_id IS NOT NULL", name="a_call_back_is_somebodys"),
        Index(None, "payee_id", postgresql_where=text("payee_id IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    hint: Mapped[str]  # its last four letters, for whoever made it
    source: Mapped[str]
    points: Mapped[int | None]
    off_amount: Mapped[int | None]
    off_currency: Mapped[str | None]
    holds_from: Mapped[datetime | None]
    holds_until: Mapped[datetime | None]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    payee_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    first_only: Mapped[bool] = mapped_column(server_default=text("false"))
    most_uses: Mapped[int | None]
    most_uses_each: Mapped[int | None]
    bearer: Mapped[str] = mapped_column(server_default="platform")
    uses: Mapped[int] = mapped_column(server_default=text("0"))
    made_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    made_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]

    @property
    def terms(self) -> Terms:
        bearer: Bearer = "payee" if self.bearer == "payee" else "platform"
        return Terms(
            points=self.points,
            off=Money(self.off_amount, self.off_currency) if self.off_amount is not None and self.off_currency is not None else None,
            holds_from=self.holds_from,
            holds_until=self.holds_until if self.stopped_at is None else self.stopped_at,
            person_id=self.person_id,
            payee_id=self.payee_id,
            first_only=self.first_only,
            most_uses=self.most_uses,
            most_uses_each=self.most_uses_each,
            bearer=bearer,
        )


class CodeUse(Base):
    """One use, for a reference that means nothing here. `price` before and what was taken `off` stay as they were shown."""

    __tablename__ = "code_uses"
    __table_args__ = (
        CheckConstraint("off_amount > 0 AND off_amount <= price_amount", name="takes_off_no_more_than_all"),
        Index("uq_code_uses_one_of_a_reference", "reference", unique=True, postgresql_where=text("given_back_at IS NULL")),
        Index(None, "code_id", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    code_id: Mapped[int] = mapped_column(ForeignKey("discount_codes.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reference: Mapped[uuid.UUID]
    price_amount: Mapped[int]
    off_amount: Mapped[int]
    currency: Mapped[str]
    bearer: Mapped[str]
    used_at: Mapped[datetime]
    given_back_at: Mapped[datetime | None]

    @property
    def borne_by(self) -> Bearer:
        return "payee" if self.bearer == "payee" else "platform"

    @property
    def to_pay(self) -> Money:
        return Money(self.price_amount - self.off_amount, self.currency)
