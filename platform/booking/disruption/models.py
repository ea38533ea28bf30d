"""What a therapist's absence or changed hours do to what is booked: one list for each, a line for each booking, a message for each client."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.models import Booking
from core.crypto import sealed_text
from core.db import Base, HasPublicId

CAUSES = ("absence", "hours")
CHOICES = ("offer_new_times", "cancel_free", "keep")
REASONS = ("unwell", "emergency", "holiday", "other")
# How a client let us know that they know.
HEARD_BY = ("read", "moved", "cancelled")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Disruption(Base, HasPublicId):
    """An absence has its bounds and a reason, which stays with the therapist; a change of hours has neither."""

    __tablename__ = "disruptions"
    __table_args__ = (
        CheckConstraint(_one_of("cause", CAUSES), name="cause_is_known"),
        CheckConstraint(_one_of("choice", CHOICES), name="choice_is_known"),
        CheckConstraint("(cause = 'absence') = (starts_at IS NOT NULL AND ends_at IS NOT NULL)", name="an_absence_has_bounds"),
        Index(None, "therapist_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    cause: Mapped[str]
    choice: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    opened_at: Mapped[datetime]
    reason_sealed: Mapped[bytes | None]
    reason = sealed_text("reason_sealed")  # a code


class DisruptedBooking(Base, HasPublicId):
    """One booking on the list, with what shall become of it and the start it had then.

    `carried_out_at` is when that was done; `seen_at` when the therapist named it as one that stays; `closed_at` when nothing is left to be done about it.
    """

    __tablename__ = "disrupted_bookings"
    __table_args__ = (
        CheckConstraint(_one_of("choice", CHOICES), name="choice_is_known"),
        CheckConstraint("seen_at IS NULL OR choice = 'keep'", name="only_what_stays_is_named"),
        UniqueConstraint("disruption_id", "booking_id"),
        Index(None, "booking_id"),
        Index("ix_disrupted_bookings_open", "starts_at", postgresql_where=text("closed_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    disruption_id: Mapped[int] = mapped_column(ForeignKey("disruptions.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    choice: Mapped[str]
    starts_at: Mapped[datetime]
    carried_out_at: Mapped[datetime | None]
    seen_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    disruption: Mapped[Disruption] = relationship(lazy="raise", viewonly=True)
    booking: Mapped[Booking] = relationship(lazy="raise", viewonly=True)
    messages: Mapped[list["DisruptionMessage"]] = relationship(lazy="raise", viewonly=True, order_by="DisruptionMessage.id")


class DisruptionMessage(Base, HasPublicId):
    """What one client is told of one line. Open until they let us know that they know; `desk_at` is when a person was asked to reach them."""

    __tablename__ = "disruption_messages"
    __table_args__ = (
        CheckConstraint(_one_of("heard_by", HEARD_BY), name="heard_by_is_known"),
        CheckConstraint("(acknowledged_at IS NULL) = (heard_by IS NULL)", name="heard_at_once"),
        UniqueConstraint("line_id", "person_id"),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    line_id: Mapped[int] = mapped_column(ForeignKey("disrupted_bookings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    written_at: Mapped[datetime]
    token_digest: Mapped[bytes | None] = mapped_column(unique=True)  # of the link in the letter
    acknowledged_at: Mapped[datetime | None]
    heard_by: Mapped[str | None]
    desk_at: Mapped[datetime | None]

    line: Mapped[DisruptedBooking] = relationship(lazy="raise", viewonly=True)
