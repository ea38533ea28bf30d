"""A proposal: times that a therapist holds for one client, until the client answers or the clock runs out."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from booking.series.models import Series
from core.db import Base, HasPublicId
from therapists.models import Therapist

ANSWERS = ("accepted", "declined", "withdrawn", "lapsed")


class Proposal(Base, HasPublicId):
    """One booking or one series, held. `answer` is how it ended; what became of the times is in the bookings. The link's secret is in the mail alone."""

    __tablename__ = "proposals"
    __table_args__ = (
        CheckConstraint("(booking_id IS NULL) <> (series_id IS NULL)", name="one_booking_or_one_series"),
        CheckConstraint("answer IN ({})".format(", ".join(f"'{each}'" for each in ANSWERS)), name="answer_is_known"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="an_answer_has_its_time"),
        Index(None, "therapist_id", "id"),
        Index(None, "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"), unique=True)
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"), unique=True)
    link_digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    lapses_at: Mapped[datetime]
    answer: Mapped[str | None]
    answered_at: Mapped[datetime | None]

    therapist: Mapped[Therapist] = relationship(lazy="raise", viewonly=True)
    client: Mapped[Person] = relationship(lazy="raise", viewonly=True)
    series: Mapped[Series | None] = relationship(lazy="raise", viewonly=True)
