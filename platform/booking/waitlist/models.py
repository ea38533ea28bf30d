"""Who waits for an opening of a therapist, when it would suit them, and what they were offered."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from booking.models import Booking
from booking.waitlist.wishes import Span, TimeWishes
from core.db import Base, HasPublicId
from therapists.models import Service, Therapist

# `waiting` and `offered` are alive; `fulfilled` took an offer, `left` of their own wish, `removed` by a rule.
ENTRY_STATES = ("waiting", "offered", "fulfilled", "left", "removed")
ALIVE = ("waiting", "offered")
END_REASONS = ("lapsed_often", "unanswered", "dates_over")
# `withdrawn`: the offer could not stand, and nobody is to blame.
OUTCOMES = ("accepted", "passed", "lapsed", "withdrawn")
IS_ALIVE = text("state IN ('waiting', 'offered')")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class WaitlistEntry(Base, HasPublicId):
    """One person's place in the line of one therapist; whoever has the lower id came earlier.

    They wait for `service`, or with `any_of_kind` for any service of the same kind and unit. `zone` is that of their time wishes. `confirmed_at` is when they
    last said that they are still looking; `asked_at` stands while our question is open, and `asked_digest` is that of its link.
    """

    __tablename__ = "waitlist_entries"
    __table_args__ = (
        CheckConstraint(_one_of("state", ENTRY_STATES), name="state_is_known"),
        CheckConstraint(_one_of("end_reason", END_REASONS), name="end_reason_is_known"),
        CheckConstraint("(ended_at IS NULL) = (state IN ('waiting', 'offered'))", name="an_end_has_its_time"),
        CheckConstraint("(end_reason IS NULL) = (state <> 'removed')", name="a_removal_has_its_reason"),
        CheckConstraint("earliest <= latest", name="dates_in_order"),
        Index("uq_waitlist_entries_alive", "client_id", "service_id", unique=True, postgresql_where=IS_ALIVE),
        Index("ix_waitlist_entries_line", "therapist_id", "id", postgresql_where=IS_ALIVE),
        Index(None, "client_id", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    service_id: Mapped[int] = mapped_column(ForeignKey("services.id"))
    any_of_kind: Mapped[bool]
    zone: Mapped[str]
    earliest: Mapped[date | None]
    latest: Mapped[date | None]
    state: Mapped[str]
    joined_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
    asked_digest: Mapped[bytes | None] = mapped_column(unique=True)
    lapses: Mapped[int] = mapped_column(server_default=text("0"))  # offers that ran out without an answer
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str | None]  # a code

    therapist: Mapped[Therapist] = relationship(lazy="raise", viewonly=True)
    service: Mapped[Service] = relationship(lazy="raise", viewonly=True)
    times: Mapped[list["WaitlistTime"]] = relationship(lazy="raise", order_by="WaitlistTime.id")

    @property
    def wishes(self) -> TimeWishes:
        """The times are loaded."""
        spans = tuple(Span(each.weekday, each.from_minute, each.to_minute) for each in self.times)
        return TimeWishes(self.zone, spans, self.earliest, self.latest)


class WaitlistTime(Base):
    """One span of one weekday (Monday 0) that suits, in minutes of the local day."""

    __tablename__ = "waitlist_times"
    __table_args__ = (
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday_in_range"),
        CheckConstraint("from_minute >= 0 AND from_minute < to_minute AND to_minute <= 1440", name="within_a_day"),
        Index(None, "entry_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entries.id"))
    weekday: Mapped[int]
    from_minute: Mapped[int]
    to_minute: Mapped[int]


class WaitlistOffer(Base):
    """One opening, held for one person of the line until `expires_at`. Its link's secret is in the mail, and here its digest."""

    __tablename__ = "waitlist_offers"
    __table_args__ = (
        CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome_is_known"),
        CheckConstraint("(outcome IS NULL) = (outcome_at IS NULL)", name="an_outcome_has_its_time"),
        Index("uq_waitlist_offers_open", "entry_id", unique=True, postgresql_where=text("outcome IS NULL")),
        Index(None, "entry_id", "offered_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("waitlist_entries.id"))
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"), unique=True)
    digest: Mapped[bytes] = mapped_column(unique=True)
    offered_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    outcome: Mapped[str | None]
    outcome_at: Mapped[datetime | None]

    entry: Mapped[WaitlistEntry] = relationship(lazy="raise", viewonly=True)
    booking: Mapped[Booking] = relationship(lazy="raise", viewonly=True)
