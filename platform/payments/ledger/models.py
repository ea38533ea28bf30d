"""Movements between accounts; only ever added. `once` names the fact that a movement follows from, so that no fact is booked twice."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base
from payments.ledger.accounts import ACCOUNTS, PERSONAL
from payments.models import one_of


def _owned(side: str) -> str:
    return f"({one_of(side, sorted(PERSONAL))}) = ({side}_person_id IS NOT NULL)"


class LedgerMovement(Base):
    """`amount` minor units out of `credit` into `debit`. `reference` is what it was for, opaque here; `by_person_id` whoever decided it, if anybody did."""

    __tablename__ = "ledger_movements"
    __table_args__ = (
        CheckConstraint(one_of("debit", ACCOUNTS), name="debit_is_known"),
        CheckConstraint(one_of("credit", ACCOUNTS), name="credit_is_known"),
        CheckConstraint(_owned("debit"), name="debit_is_whose"),
        CheckConstraint(_owned("credit"), name="credit_is_whose"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("debit <> credit OR debit_person_id IS DISTINCT FROM credit_person_id", name="between_two_accounts"),
        Index(None, "debit_person_id", "at", postgresql_where=text("debit_person_id IS NOT NULL")),
        Index(None, "credit_person_id", "at", postgresql_where=text("credit_person_id IS NOT NULL")),
        Index(None, "reference"),
        Index(None, "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    once: Mapped[str] = mapped_column(unique=True)
    at: Mapped[datetime]
    kind: Mapped[str]
    reference: Mapped[uuid.UUID | None]
    debit: Mapped[str]
    debit_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    credit: Mapped[str]
    credit_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    amount: Mapped[int]
    currency: Mapped[str]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
