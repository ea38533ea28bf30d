"""Calendars that therapists subscribe, the busy time last read from each, and the bookings that new busy time lies over.

Of a calendar only intervals are kept: no title, place or person. The address is a secret of its owner (whoever has it reads the calendar) and sealed.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_text
from core.db import Base, HasPublicId


class OutsideCalendar(Base, HasPublicId):
    """`good_at` is when it was last read, `failures` how often in a row that has failed since: above zero it is stale, and what was read stays.

    `read_as` says under which settings the rows were made, `read_until` how far ahead; an unchanged answer is enough only while both still suffice.
    """

    __tablename__ = "outside_calendars"
    __table_args__ = (
        CheckConstraint("failures >= 0", name="failures_not_negative"),
        CheckConstraint("(failures > 0) = (failure IS NOT NULL)", name="failure_has_a_reason"),
        Index(None, "therapist_id"),
        Index(None, "due_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    address_sealed: Mapped[bytes]
    address = sealed_text("address_sealed")
    tentative_blocks: Mapped[bool]
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    lease_ends_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]
    good_at: Mapped[datetime]
    failures: Mapped[int] = mapped_column(server_default=text("0"))
    failure: Mapped[str | None]  # a code
    told_at: Mapped[datetime | None]  # when its owner was told that it is stale
    etag: Mapped[str | None]
    last_modified: Mapped[str | None]
    read_as: Mapped[str]
    read_until: Mapped[datetime]
    skipped: Mapped[dict[str, Any]] = mapped_column(JSONB)  # counts by code


class OutsideInterval(Base):
    """Busy time of one calendar; the rows of one calendar are disjoint."""

    __tablename__ = "outside_busy"
    __table_args__ = (
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        Index(None, "calendar_id"),
        Index("ix_outside_busy_therapist_id_ends_at", "therapist_id", "ends_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey("outside_calendars.id", ondelete="CASCADE"))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]


class OutsideCollision(Base, HasPublicId):
    """New busy time of a calendar over a booking: something for the therapist to look at. `busy_from` and `busy_to` are what of it lies within the session."""

    __tablename__ = "outside_collisions"
    __table_args__ = (
        CheckConstraint("busy_from < busy_to", name="starts_before_it_ends"),
        UniqueConstraint("booking_id", "calendar_id", "busy_from", "busy_to", name="uq_outside_collisions_asked_once"),
        Index(None, "calendar_id"),
        Index("ix_outside_collisions_open", "therapist_id", postgresql_where=text("kept_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    calendar_id: Mapped[int] = mapped_column(ForeignKey("outside_calendars.id", ondelete="CASCADE"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    busy_from: Mapped[datetime]
    busy_to: Mapped[datetime]
    found_at: Mapped[datetime]
    kept_at: Mapped[datetime | None]  # the therapist has seen it and keeps the booking
