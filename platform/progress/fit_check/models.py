"""Answers to the fit check. What was answered is sealed; that there is an answer, and to whom it may be shown, is plain."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.models import Booking
from core.crypto import sealed_json
from core.db import Base, HasPublicId
from progress.fit_check.questions import SESSIONS
from therapists.models import Therapist


class FitCheck(Base, HasPublicId):
    """What one client answered after one session. `session_number` counts their sessions with this therapist that took place, from 1.

    `shared_at`: since when the therapist may read it; None while the client keeps it to themselves.
    """

    __tablename__ = "fit_checks"
    __table_args__ = (
        UniqueConstraint("client_id", "booking_id"),
        CheckConstraint(f"session_number BETWEEN 1 AND {SESSIONS}", name="of_the_first_sessions"),
        Index("ix_fit_checks_shared", "therapist_id", "shared_at", postgresql_where=text("shared_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    session_number: Mapped[int]
    answered_at: Mapped[datetime]
    shared_at: Mapped[datetime | None]
    said_sealed: Mapped[bytes | None]
    said = sealed_json("said_sealed")  # the three answers by name, and "words" if they wrote any

    booking: Mapped[Booking] = relationship(lazy="raise", viewonly=True)
    therapist: Mapped[Therapist] = relationship(lazy="raise", viewonly=True)
