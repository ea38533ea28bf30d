"""An announced fee, and each client whose booked dates it concerns."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId
from core.money import Money

ANSWERS = ("accepted", "declined", "lapsed")


class FeeChange(Base, HasPublicId):
    """From `takes_effect_at` on, `service` costs `new_amount`; of a `concession`, that lower fee does, and None means that it ends."""

    __tablename__ = "fee_changes"
    __table_args__ = (
        CheckConstraint("new_amount > 0", name="fee_positive"),
        CheckConstraint("new_amount IS NOT NULL OR concession IS NOT NULL", name="only_a_lower_fee_ends"),
        CheckConstraint("applied_at IS NULL OR withdrawn_at IS NULL", name="one_end"),
        Index(
            "uq_fee_changes_ahead",
            "service_id",
            text("coalesce(concession, '')"),
            unique=True,
            postgresql_where=text("applied_at IS NULL AND withdrawn_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    concession: Mapped[str | None]
    old_amount: Mapped[int]
    new_amount: Mapped[int | None]
    currency: Mapped[str]
    announced_at: Mapped[datetime]
    takes_effect_at: Mapped[datetime]
    answer_by: Mapped[datetime]
    applied_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]

    @property
    def old_fee(self) -> Money:
        return Money(self.old_amount, self.currency)


class FeeChangeAnswer(Base):
    """A client with dates at or after it that are not paid. `price` is what each of those dates costs if they say yes."""

    __tablename__ = "fee_change_answers"
    __table_args__ = (
        CheckConstraint("answer IN ({})".format(", ".join(f"'{each}'" for each in ANSWERS)), name="answer_is_known"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="an_answer_has_its_time"),
        Index(None, "client_id"),
    )

    fee_change_id: Mapped[int] = mapped_column(ForeignKey("fee_changes.id"), primary_key=True, autoincrement=False)
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    new_amount: Mapped[int]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]
