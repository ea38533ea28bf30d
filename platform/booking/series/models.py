"""A series: appointments that were agreed together, each a booking of its own."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId


class Series(Base, HasPublicId):
    """The rhythm, and the calendar name under which every reader knows all of its appointments. What became of each date is in its booking.

    `wall_start` and `zone` are the first date on the therapist's wall clock. `calendar_sequence` counts what readers were told, from 0. `split_from` is the
    series whose later part this is.
    """

    __tablename__ = "series"
    __table_args__ = (
        CheckConstraint("every_weeks BETWEEN 1 AND 12", name="every_weeks_in_range"),
        Index(None, "therapist_id"),
        Index(None, "split_from", postgresql_where=text("split_from IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    every_weeks: Mapped[int]
    starts_at: Mapped[datetime]
    wall_start: Mapped[str]  # 2027-03-11T16:00
    zone: Mapped[str]
    minutes: Mapped[int]
    calendar_uid: Mapped[str] = mapped_column(unique=True)
    calendar_sequence: Mapped[int] = mapped_column(server_default=text("-1"))
    booked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    split_from: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    paused_at: Mapped[datetime | None]  # nothing more of it is charged: two dates in a row were not paid
