"""Bookings, the people on them, the time they take, and what happened to them.

A booking keeps the terms it was made under (price, length, who pays what when it is cancelled): a service may change the day after.
"""

import uuid
from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, and_, literal_column, or_, text
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.sql.elements import ColumnElement

from accounts.models import Person
from booking.lifecycle import State
from booking.series.models import Series
from core.crypto import sealed_text
from core.db import Base, HasPublicId
from core.money import Money
from therapists.models import COLLECTS, GROUP, Service, Therapist

# What a hold is held for: a client's own choice, a therapist's proposal, an offer of the waitlist. Kept when the hold becomes a booking.
HELD_FOR = ("booking", "proposal", "offer")
ONLINE, INVOICES = COLLECTS
OUTCOMES = ("took_place", "ended_early", "client_absent", "therapist_absent", "technical_failure", "unclear")
STATES = ", ".join(f"'{state}'" for state in State)
# No single claim is longer, buffers included: reads of availability look this far back and no further.
LONGEST_CLAIM_HOURS = 36


class Booking(Base, HasPublicId):
    """One row from hold to done. `starts_at` and `ends_at` are the session without buffers.

    `lapses_at` is when a hold or an unanswered request ends by itself; it is set exactly while the booking is one of these. `wall_start`, `zone` and
    `tzdata` say what the therapist's wall clock was meant to read, and by which edition of the zone data that became `starts_at` (`booking.calendar.drift`).
    """

    __tablename__ = "bookings"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="state_is_known"),
        CheckConstraint("starts_at < ends_at", name="starts_before_it_ends"),
        CheckConstraint("(lapses_at IS NOT NULL) = (state IN ('held', 'requested'))", name="only_what_waits_lapses"),
        CheckConstraint("fee_amount >= 0", name="fee_not_negative"),
        CheckConstraint("list_amount > fee_amount", name="list_is_more"),
        CheckConstraint("gift_amount BETWEEN 0 AND fee_amount", name="a_gift_pays_no_more_than_the_fee"),
        Index(None, "cart_id", postgresql_where=text("cart_id IS NOT NULL")),
        CheckConstraint("collects IN ({})".format(", ".join(f"'{way}'" for way in COLLECTS)), name="collects_is_known"),
        CheckConstraint("held_for IN ({})".format(", ".join(f"'{each}'" for each in HELD_FOR)), name="held_for_is_known"),
        CheckConstraint("held_for IS NOT NULL OR state <> 'held'", name="a_hold_is_for_something"),
        CheckConstraint("outcome IN ({})".format(", ".join(f"'{each}'" for each in OUTCOMES)), name="outcome_is_known"),
        CheckConstraint("(outcome IS NULL) = (outcome_at IS NULL)", name="an_outcome_has_its_time"),
        CheckConstraint("outcome IS NOT NULL OR contested_at IS NULL", name="only_an_outcome_is_contested"),
        CheckConstraint(
            "(series_id IS NULL) = (series_position IS NULL) AND (series_id IS NULL) = (series_start IS NULL)", name="a_date_of_a_series_has_its_place"
        ),
        Index(None, "therapist_id", "starts_at"),
        Index("ix_bookings_to_settle", "ends_at", postgresql_where=text("state = 'confirmed'")),
        Index("ix_bookings_series_id", "series_id", postgresql_where=text("series_id IS NOT NULL")),
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
    list_amount: Mapped[int | None]  # what it costs without its lower fee, code or pack; None: that is the fee
    gift_amount: Mapped[int] = mapped_column(server_default=text("0"))  # what a gift code pays of the fee; the rest is paid by card
    origin: Mapped[str | None]  # how its client found the therapist, as it was said when it was booked
    concession: Mapped[str | None]  # the name of the lower fee that its client said they need
    collects: Mapped[str | None]  # how its therapist is paid for it; None when it was free and nothing was set up
    cancel_free_hours: Mapped[int]
    late_fee_percent: Mapped[int] = mapped_column(server_default=text("0"))
    moves_allowed: Mapped[int] = mapped_column(server_default=text("2"))
    move_until_hours: Mapped[int] = mapped_column(server_default=text("12"))
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
    held_for: Mapped[str | None]
    cart_id: Mapped[int | None] = mapped_column(ForeignKey("carts.id"))  # with what else it was held and is paid
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_position: Mapped[int | None]  # from 1, in the rhythm of its series
    series_start: Mapped[datetime | None]  # where the rhythm has it, wherever it was moved
    confirmed_at: Mapped[datetime | None]  # when its present time was agreed on
    moves_made: Mapped[int] = mapped_column(server_default=text("0"))  # by clients
    moved_late: Mapped[bool] = mapped_column(server_default=text("false"))  # by a client, when cancelling was not free any more
    moved_by_therapist: Mapped[bool] = mapped_column(
        server_default=text("false")
    )  # last, or by staff otherwise than as the client wished: they may cancel free of charge
    outcome: Mapped[str | None]  # how it went, as somebody reported it; final once the booking is completed or no_show
    outcome_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    outcome_at: Mapped[datetime | None]
    contested_at: Mapped[datetime | None]  # the other side says that it was otherwise

    therapist: Mapped[Therapist] = relationship(lazy="raise", viewonly=True)
    service: Mapped[Service] = relationship(lazy="raise", viewonly=True)
    participants: Mapped[list["BookingParticipant"]] = relationship(
        lazy="raise",
        order_by="BookingParticipant.id",
        primaryjoin="and_(Booking.id == BookingParticipant.booking_id, BookingParticipant.left_at.is_(None))",
    )
    left: Mapped[list["BookingParticipant"]] = relationship(
        lazy="raise", viewonly=True, primaryjoin="and_(Booking.id == BookingParticipant.booking_id, BookingParticipant.left_at.is_not(None))"
    )
    owed: Mapped["LateFee | None"] = relationship(
        lazy="raise", viewonly=True, primaryjoin="and_(Booking.id == LateFee.booking_id, LateFee.person_id.is_(None))"
    )
    series: Mapped[Series | None] = relationship(lazy="raise", viewonly=True)

    @property
    def fee(self) -> Money:
        return Money(self.fee_amount, self.fee_currency)

    @property
    def list_price(self) -> Money:
        """What it costs whoever asks for nothing."""
        return Money(self.fee_amount if self.list_amount is None else self.list_amount, self.fee_currency)

    @property
    def by_card(self) -> Money:
        """What of its fee a card pays: all that no gift code does."""
        return Money(self.fee_amount - self.gift_amount, self.fee_currency)

    @property
    def is_paid_online(self) -> bool:
        """Whether something of it is paid by card here, before it counts."""
        return self.fee_amount > self.gift_amount and self.collects == ONLINE

    @property
    def stands(self) -> State:
        return State(self.state)

    def note_read_by(self, person_id: int) -> str | None:
        """What whoever ended it wrote to the other side. Its therapist reads it; a client what the therapist wrote, and their own words, but not what somebody
        who comes along wrote.
        """
        return self.end_note if person_id == self.therapist_id or self.ended_by in {person_id, self.therapist_id, None} else None

    @property
    def is_group(self) -> bool:
        """Whether each of its clients has a seat of their own, and none decides for the others."""
        return self.unit == GROUP


class BookingParticipant(Base, HasPublicId):
    """Somebody who attends as a client. `title` is what their calendar shows.

    In a group they come and go one by one: `joined_at` is None for whoever was there from the beginning; whoever has left keeps the row. `seat_steps` is by
    how much their own calendar sequence is ahead of the booking's.
    """

    __tablename__ = "booking_participants"
    __table_args__ = (UniqueConstraint("booking_id", "person_id"), Index(None, "person_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    title_sealed: Mapped[bytes | None]
    title = sealed_text("title_sealed")
    coming_to: Mapped[datetime | None]  # the start for which they said that they are coming; after a move it says nothing any more
    joined_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    left_late: Mapped[bool] = mapped_column(server_default=text("false"))  # when it was not free any more
    seat_steps: Mapped[int] = mapped_column(server_default=text("0"))

    owed: Mapped["LateFee | None"] = relationship(
        lazy="raise",
        viewonly=True,
        primaryjoin="and_(foreign(LateFee.booking_id) == BookingParticipant.booking_id, LateFee.person_id == BookingParticipant.person_id)",
    )
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
    """One step of one booking; only ever added. `sequence` is the calendar sequence that this step's invitations carry.

    `person_id` is the one client of a group whom alone the step is about: nobody else but the therapist is told of it.
    """

    __tablename__ = "booking_events"
    __table_args__ = (Index(None, "booking_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    at: Mapped[datetime]
    actor_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    from_state: Mapped[str | None]
    to_state: Mapped[str]
    reason: Mapped[str | None]  # a code
    sequence: Mapped[int]
    starts_at: Mapped[datetime | None]  # of the session, after this step
    moved_from: Mapped[datetime | None]
    passed_over: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))  # rules that staff set aside

    booking: Mapped[Booking] = relationship(lazy="raise", viewonly=True)


class LateFee(Base, HasPublicId):
    """What a client owes for a late cancellation or for not coming, as agreed when it was booked. A fact for payments; whoever waives it is named.

    `person_id` says whose it is in a group.
    """

    __tablename__ = "late_fees"
    __table_args__ = (
        CheckConstraint("reason IN ('cancelled_late', 'absent')", name="reason_is_known"),
        CheckConstraint("amount > 0", name="amount_positive"),
        CheckConstraint("(waived_by IS NULL) = (waived_at IS NULL)", name="a_waiver_has_its_time"),
        UniqueConstraint("booking_id", "person_id", postgresql_nulls_not_distinct=True),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(ForeignKey("bookings.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str]  # a code
    amount: Mapped[int]  # minor units
    currency: Mapped[str]
    at: Mapped[datetime]
    waived_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    waived_at: Mapped[datetime | None]

    @property
    def fee(self) -> Money:
        return Money(self.amount, self.currency)


def concerns_person(person_id: int) -> ColumnElement[bool]:
    """Bookings that this person attends or gives."""
    return or_(
        Booking.therapist_id == person_id,
        Booking.participants.any(BookingParticipant.person_id == person_id),
    )


def gave_up_seat(person_id: int) -> ColumnElement[bool]:
    """Groups in which this person had a seat that they gave up."""
    return Booking.left.any(BookingParticipant.person_id == person_id)


def has_public_id(public_id: uuid.UUID, *, person_id: int) -> ColumnElement[bool]:
    """The one booking of that name, if it is this person's."""
    return and_(Booking.public_id == public_id, concerns_person(person_id))
