"""Differences and the runs that found them. A difference is kept once, by what it says; what it was about is kept beside it for whoever decides."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.db import Base, HasPublicId
from core.money import Money
from desk.models import Case
from payments.models import Payment, one_of
from payments.reconciler.kinds import KINDS, STATES

RUN_STATES = ("waiting", "done", "failed")


class Difference(Base, HasPublicId):
    """`name` is the processor's id of the object, else a public id of ours. `drift` says by how much the processor's balance was more than the books by it:
    [[kind of flow, currency, minor units], ...]. `refund` is the processor's name of what we gave back because of it.
    """

    __tablename__ = "payment_differences"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind_is_known"),
        CheckConstraint(one_of("state", STATES), name="state_is_known"),
        CheckConstraint("(state IN ('confirmed', 'refunded', 'written_off', 'settling')) = (decided_by IS NOT NULL)", name="a_decision_is_somebodys"),
        CheckConstraint("state <> 'settling' OR refund_key IS NOT NULL", name="what_is_sent_has_a_key"),
        Index("ix_payment_differences_open", "at", postgresql_where=text("state IN ('open', 'settling')")),
        Index(None, "payment_id"),
        Index(None, "case_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    fingerprint: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    name: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    at: Mapped[datetime]
    theirs_amount: Mapped[int | None]
    theirs_currency: Mapped[str | None]
    ours_amount: Mapped[int | None]
    ours_currency: Mapped[str | None]
    drift: Mapped[list[list[str | int]]] = mapped_column(JSONB)
    payment_id: Mapped[int | None] = mapped_column(ForeignKey("payments.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    found_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    refund_key: Mapped[str | None] = mapped_column(unique=True)
    refund_amount: Mapped[int | None]  # what is given back, as it was written down before the first call, `sent_at`
    sent_at: Mapped[datetime | None]
    refund: Mapped[str | None] = mapped_column(unique=True)
    failure: Mapped[str | None]  # a code: why what was decided could not be done

    case: Mapped[Case] = relationship(lazy="raise", viewonly=True)
    payment: Mapped[Payment | None] = relationship(lazy="raise", viewonly=True)

    @property
    def key(self) -> str | None:
        """As `make_once_calls` calls it."""
        return self.refund_key

    @key.setter
    def key(self, key: str) -> None:
        self.refund_key = key

    @property
    def theirs(self) -> Money | None:
        return None if self.theirs_amount is None or self.theirs_currency is None else Money(self.theirs_amount, self.theirs_currency)

    @property
    def ours(self) -> Money | None:
        return None if self.ours_amount is None or self.ours_currency is None else Money(self.ours_amount, self.ours_currency)


class Comparison(Base, HasPublicId):
    """One run over what happened in [since, until). `asked_by` is None for the nightly one. `counts` are numbers of flows compared and of differences."""

    __tablename__ = "payment_comparisons"
    __table_args__ = (CheckConstraint(one_of("state", RUN_STATES), name="state_is_known"), Index(None, "asked_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(server_default="waiting")
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    asked_at: Mapped[datetime]
    since: Mapped[datetime]
    done_at: Mapped[datetime | None]
    counts: Mapped[dict[str, int]] = mapped_column(JSONB, server_default=text("'{}'"))
    failure: Mapped[str | None]  # a code
