"""How the charge of one date of a series stands. The payment itself is `payments`' own; here is the clock, and what its therapist chose."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

# waiting: for the next try; trying: one is on its way; unpaid: its therapist chooses; kept and released: what they chose.
CHARGE_STATES = ("waiting", "trying", "paid", "unpaid", "kept", "released")
UNPAID_STATES = frozenset({"unpaid", "kept", "released"})


class SessionCharge(Base):
    """`problem` is the code of the last refusal: the processor's, or `no_card`."""

    __tablename__ = "session_charges"
    __table_args__ = (
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in CHARGE_STATES)), name="state_is_known"),
        CheckConstraint("(decided_by IS NOT NULL) = (state IN ('kept', 'released'))", name="a_choice_is_somebodys"),
    )

    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), primary_key=True, autoincrement=False)
    state: Mapped[str]
    tries: Mapped[int]
    tried_at: Mapped[datetime | None]
    problem: Mapped[str | None]
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    changed_at: Mapped[datetime]
