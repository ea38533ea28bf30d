"""Bookings that cannot take place as they stand, listed for a person who looks at each."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.models import Booking
from core.db import Base, HasPublicId

# Why they are listed; `cause_id` is the public id of that leave or stop.
CAUSES = ("planned_leave", "sudden_stop")
RESOLUTIONS = ("cancelled", "moved", "kept")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class AffectedBooking(Base, HasPublicId):
    """One booking on the list of one cause. What starts at `since` or later is affected; resolved once somebody settled it, or it ended meanwhile."""

    __tablename__ = "affected_bookings"
    __table_args__ = (
        CheckConstraint(_one_of("cause", CAUSES), name="cause_is_known"),
        CheckConstraint(_one_of("resolution", RESOLUTIONS), name="resolution_is_known"),
        CheckConstraint("(resolution IS NULL) = (resolved_at IS NULL)", name="resolved_at_once"),
        UniqueConstraint("cause", "cause_id", "booking_id"),
        Index(None, "booking_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    cause: Mapped[str]
    cause_id: Mapped[uuid.UUID]
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    since: Mapped[datetime]
    listed_at: Mapped[datetime]
    resolution: Mapped[str | None]
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))

    booking: Mapped[Booking] = relationship(lazy="raise", viewonly=True)
