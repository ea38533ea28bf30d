"""Bookings, the people on them, the time they take, and what happened to them.

A booking keeps the terms it was made under (price, length, who pays what when it is cancelled): a service may change the day after.
"""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, and_, literal_column, or_, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import ColumnElement

from accounts.models import Person
from booking.lifecycle import State
from core.crypto import sealed_text
from core.db import Base, HasPublicId
from core.money import Money
from therapists.models import Service, Therapist

STATES = ", ".join(f"'{state}'" for state in State)
# No single claim is longer, buffers included: reads of availability look this far back and no further.
LONGEST_CLAIM_HOURS = 36


class Booking(Base, HasPublicId):
    """One row from hold to done. `starts_at` and `ends_at` are the session without buffers.

    `lapses_at` is when a hold or an unanswered request ends by itself; it is set exactly while the booking is one of these. `wall_start`, `zone` and
    `tzdata` say what the therapist's wall clock was meant to read, and by which edition of the zone data that became `starts_at`.
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state_is_known"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("(lapses_at IS NOT NULL) = (state IN ('held', 'requested'))", name="only_what_waits_lapses"),
        CheckConstraint("fee_amount >= 0", name="fee_not_negative"),
        Index(None, "therapist_id", "starts_at"),
        Index("ix_bookings_waiting", "lapses_at", postgresql_where=text("lapses_at IS NOT NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    state: Mapped[str]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    wall_start: Mapped[str]  # 2027-03-14T09:00
    zone: Mapped[str]
    tzdata: Mapped[str]
    kind: Mapped[str]
    unit: Mapped[str]
    mode: Mapped[str]
    fee_amount: Mapped[int]
    fee_currency: Mapped[str]
    cancel_free_hours: Mapped[int]
    calendar_uid: Mapped[str] = mapped_column(unique=True)
    calendar_sequence: Mapped[int] = mapped_column(server_default=text("0"))
    booked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    lapses_at: Mapped[datetime | None]
    ended_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    end_reason: Mapped[str | None]  # a code
    end_note_sealed: Mapped[bytes | None]
    end_note = sealed_text("end_note_sealed")  # what whoever ended it wrote to the other side
    cancelled_late: Mapped[bool] = mapped_column(server_default=text("false"))

    therapist: Mapped[Therapist] = relationship(lazy="raise", viewonly=True)
    service: Mapped[Service] = relationship(lazy="raise", viewonly=True)
    participants: Mapped[list["BookingParticipant"]] = relationship(lazy="raise", order_by="BookingParticipant.id")

    @property
    def fee(self) -> Money:
        return Money(self.fee_amount, self.fee_currency)

    @property
    def stands(self) -> State:
        return State(self.state)


class BookingParticipant(Base, HasPublicId):
    """Somebody who attends as a client. `title` is what their calendar shows."""

    __tablename__ = "booking_participants"
    __table_args__ = (UniqueConstraint("booking_id", "person_id"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    title_sealed: Mapped[bytes | None]
    title = sealed_text("title_sealed")

    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)


class Claim(Base):
    """Time of one person that one booking takes, while `blocks`: the therapist's with buffers, each client's without.

    The database refuses two blocking claims of one person that overlap, whoever writes them. `lapses_at` is the booking's, kept here so that reading
    availability needs no join.
    """

    __tablename__ = "claims"
    __table_args__ = (
        CheckConstraint("role IN ('therapist', 'client')", name="role_is_known"),
        CheckConstraint("blocks_from < blocks_to", name="starts_before_it_ends"),
        CheckConstraint(f"blocks_to - blocks_from <= interval '{LONGEST_CLAIM_HOURS} hours'", name="not_endless"),
        UniqueConstraint("booking_id", "person_id"),
        # For reading. Through the index of the constraint below the same question is up to 23 times slower.
        Index("ix_claims_person_id_blocks_from", "person_id", "blocks_from", postgresql_where=text("blocks")),
        ExcludeConstraint(
            # int8range stands in for btree_gist's equality, which this engine does not carry.
            (literal_column("int8range(person_id, person_id, '[]')"), "&&"),
            (literal_column("tstzrange(blocks_from, blocks_to)"), "&&"),
            where=text("blocks"),
            using="gist",
            name="ex_claims_nobody_is_in_two_places",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    role: Mapped[str]
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    blocks_from: Mapped[datetime]
    blocks_to: Mapped[datetime]
    blocks: Mapped[bool]
    lapses_at: Mapped[datetime | None]


class BookingEvent(Base):
    """One step of one booking; only ever added. `sequence` is the calendar sequence that this step's invitations carry."""

    __tablename__ = "booking_events"
    __table_args__ = (Index(None, "booking_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    at: Mapped[datetime]
    actor_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    reason: Mapped[str | None]  # a code
    sequence: Mapped[int]

    booking: Mapped[Booking] = relationship(lazy="raise", viewonly=True)


def concerns_person(person_id: int) -> ColumnElement[bool]:
    """Bookings that this person attends or gives."""
    return or_(
        Booking.therapist_id == person_id,
        Booking.participants.any(BookingParticipant.person_id == person_id),
    )


def has_public_id(public_id: uuid.UUID, *, person_id: int) -> ColumnElement[bool]:
    """The one booking of that name, if it is this person's."""
    return and_(Booking.public_id == public_id, concerns_person(person_id))
