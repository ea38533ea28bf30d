"""Places of people, who attends, relations between client and therapist, conflicts, and pauses for safety."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_json
from core.db import Base, HasPublicId

RELATION_STATES = ("requested", "trial", "active", "paused", "ended")
PLACE_SOURCES = ("intake", "booking", "profile")
# A client's own rejection only hides the therapist from that client's lists and can be taken back; the others refuse at every door.
HIDING, REFUSING = ("rejected_by_client",), ("declined", "declared", "partner_in_care")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Place(Base):
    """Where a person will physically be, from a given instant on; the latest row at or before an instant counts."""

    __tablename__ = "places"
    __table_args__ = (CheckConstraint(_one_of("source", PLACE_SOURCES), name="source_is_known"), Index(None, "person_id", "valid_from"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    jurisdiction: Mapped[str]  # taxonomy code, such as GB-ENG or US-CA
    zone: Mapped[str]
    valid_from: Mapped[datetime]
    stated_at: Mapped[datetime]
    source: Mapped[str]  # intake | booking | profile


class Attendance(Base, HasPublicId):
    """What decides who may treat a person beyond their place: age band and needs that require verified competence. One row a person."""

    __tablename__ = "attendances"

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    age_band: Mapped[str]
    needs_sealed: Mapped[bytes | None]
    needs = sealed_json("needs_sealed")  # list of concern slugs
    stated_at: Mapped[datetime]


class CareRelation(Base, HasPublicId):
    """The relation of one client and one therapist. Opened by the first accepted request.

    `place_id` names the place for a client that it takes: people who come together, a couple or a family, share one.
    """

    __tablename__ = "care_relations"
    __table_args__ = (
        UniqueConstraint("therapist_id", "client_id"),
        CheckConstraint(_one_of("state", RELATION_STATES), name="state_is_known"),
        Index(None, "client_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    unit: Mapped[str]
    state: Mapped[str]
    origin: Mapped[str]  # match | directory | invited
    opened_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    end_reason: Mapped[str | None]  # a code
    place_id: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class ReservedPlace(Base):
    """A place for a new client that a hold or an offer keeps until `until`, before there is a relation. `place_id` is shared as in a relation."""

    __tablename__ = "care_reserved_places"

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    until: Mapped[datetime]
    place_id: Mapped[uuid.UUID] = mapped_column(server_default=text("gen_random_uuid()"))


class Conflict(Base):
    """A reason why this therapist does not see this client, until `ends_at` (None = for good). Neither learns the reason."""

    __tablename__ = "care_conflicts"
    __table_args__ = (CheckConstraint(_one_of("reason", (*REFUSING, *HIDING)), name="reason_is_known"), Index(None, "client_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    reason: Mapped[str]
    since: Mapped[datetime]
    ends_at: Mapped[datetime | None]


class SafetyPause(Base):
    """Requests and bookings of this person stand still until a person has spoken with them. Lifting needs an outcome."""

    __tablename__ = "safety_pauses"
    __table_args__ = (Index("uq_safety_pauses_in_force", "person_id", unique=True, postgresql_where=text("lifted_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    paused_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    outcome: Mapped[str | None]


class SafetyRecord(Base, HasPublicId):
    """What outlives any one set of answers about somebody's safety. One row a person, made by the first thing there is to keep.

    `asked_at`: a question is open since then; the pause that this opened carries the same instant. `settled_at`: when somebody trained, after speaking with
    them, ended what their answers until then had restricted. `said`: see `care.safety_record.Said`.
    """

    __tablename__ = "safety_records"

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]
    said_sealed: Mapped[bytes | None]
    said = sealed_json("said_sealed")
