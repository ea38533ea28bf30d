"""How a therapist's work here ends: announced, at once, and who then acts for them. Words, notes and contacts are sealed."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_text
from core.db import Base, HasPublicId

LEAVING_REASONS = ("retiring", "moving", "other_work", "personal", "other")
WORDS_STATES = ("none", "waiting", "approved", "neutral")
STOP_KINDS = ("suspension", "death", "incapacity", "other")
STOP_SOURCES = ("register", "authority", "employer", "family", "executor", "colleague", "therapist", "other")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class PlannedLeave(Base, HasPublicId):
    """Announced by the therapist. `last_day` is the last day of sessions, `ends_at` the end of it in their zone as it was then.

    `words` is what they want their clients to read; `words_state` says whether somebody has read it: none written, waiting, approved, or neutral (our own
    text goes out instead). In force until called off; done once the end was carried out.
    """

    __tablename__ = "planned_leaves"
    __table_args__ = (
        CheckConstraint(_one_of("reason", LEAVING_REASONS), name="reason_is_known"),
        CheckConstraint(_one_of("words_state", WORDS_STATES), name="words_state_is_known"),
        Index("uq_planned_leaves_in_force", "therapist_id", unique=True, postgresql_where=text("called_off_at IS NULL")),
        Index("ix_planned_leaves_to_come", "ends_at", postgresql_where=text("called_off_at IS NULL AND done_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    announced_at: Mapped[datetime]
    last_day: Mapped[date]
    ends_at: Mapped[datetime]
    reason: Mapped[str]
    words_sealed: Mapped[bytes | None]
    words = sealed_text("words_sealed")
    words_state: Mapped[str]
    words_decided_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    was_accepting: Mapped[bool]
    called_off_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]

    @property
    def is_told(self) -> bool:
        """Whether it is settled what clients read, which is when they are written to."""
        return self.words_state != "waiting"


class SuddenStop(Base, HasPublicId):
    """Nothing new from one moment on. `holds`: the platform keeps every door closed; else the register's word does. In force until lifted."""

    __tablename__ = "sudden_stops"
    __table_args__ = (
        CheckConstraint(_one_of("kind", STOP_KINDS), name="kind_is_known"),
        CheckConstraint(_one_of("source", STOP_SOURCES), name="source_is_known"),
        Index("uq_sudden_stops_in_force", "therapist_id", unique=True, postgresql_where=text("lifted_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    kind: Mapped[str]
    source: Mapped[str]
    note_sealed: Mapped[bytes | None]
    note = sealed_text("note_sealed")
    holds: Mapped[bool]
    stopped_at: Mapped[datetime]
    stopped_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))


class Executor(Base, HasPublicId):
    """The colleague who acts for a therapist who suddenly cannot. `agreed_on`: on that day, the therapist says, they agreed to it."""

    __tablename__ = "professional_executors"

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    name_sealed: Mapped[bytes]
    name = sealed_text("name_sealed")
    email_sealed: Mapped[bytes]
    email = sealed_text("email_sealed")
    phone_sealed: Mapped[bytes | None]
    phone = sealed_text("phone_sealed")
    agreed_on: Mapped[date]
    named_at: Mapped[datetime]
    confirmed_at: Mapped[datetime]
    asked_at: Mapped[datetime | None]
