"""Which reminders a person wants."""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

# Elapsed hours before the start. Whoever has not chosen gets both.
HOURS_BEFORE = (24, 1)


class ReminderChoice(Base):
    """What somebody chose, from either side of their bookings; an empty list is none at all."""

    __tablename__ = "reminder_choices"
    __table_args__ = (CheckConstraint("hours_before <@ '{24,1}'::bigint[]", name="hours_are_offered"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("accounts.person_id"), primary_key=True, autoincrement=False)
    hours_before: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
