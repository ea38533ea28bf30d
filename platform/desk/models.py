"""A case and its steps. What people wrote is sealed; codes, clocks and owners are plain."""

from datetime import date, datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from core.crypto import sealed_json, sealed_text
from core.db import Base, HasPublicId
from desk.kinds import KINDS, PRIORITIES, STATES


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class Case(Base, HasPublicId):
    """`subject_kind` and `subject_id` name what it is about, `person_id` whom, if anybody. Open until owned, owned until closed."""

    __tablename__ = "cases"
    __table_args__ = (
        CheckConstraint(_one_of("kind", KINDS), name="kind_is_known"),
        CheckConstraint(_one_of("priority", PRIORITIES), name="priority_is_known"),
        CheckConstraint(_one_of("state", STATES), name="state_is_known"),
        CheckConstraint("(state = 'owned') <= (owner_id IS NOT NULL) AND (state = 'open') <= (owner_id IS NULL)", name="owned_has_owner"),
        CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL) AND (state = 'closed') = (outcome IS NOT NULL)", name="closed_has_outcome"),
        Index(None, "state", "due_at", "public_id"),
        Index(None, "subject_kind", "subject_id"),
        Index(None, "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="open")
    priority: Mapped[str]
    subject_kind: Mapped[str]
    subject_id: Mapped[str]
    person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    opened_by: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    opened_at: Mapped[datetime]
    due_at: Mapped[datetime]
    owner_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    owned_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # a code
    facts_sealed: Mapped[bytes | None]
    facts = sealed_json("facts_sealed")

    person: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[person_id], viewonly=True)
    owner: Mapped[Person | None] = relationship(lazy="raise", foreign_keys=[owner_id], viewonly=True)
    steps: Mapped[list["CaseStep"]] = relationship(lazy="raise", order_by="CaseStep.id")


class CaseStep(Base, HasPublicId):
    """Something that was done about a case. Only added."""

    __tablename__ = "case_steps"
    __table_args__ = (Index(None, "case_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
    action: Mapped[str] = mapped_column(server_default="note")  # opened | claimed | released | closed | note | called | mailed | ...
    note_sealed: Mapped[bytes | None]
    note = sealed_text("note_sealed")

    by_person: Mapped[Person | None] = relationship(lazy="raise", viewonly=True)


class SafetyDeskMember(Base):
    """Somebody whom the operator has declared for the safety desk, with the qualification that was seen, and when they are on duty.

    `hours`: ``[[weekday, from_minute, to_minute], ...]`` on the wall clock of `zone`, Monday is 0. `valid_until` is the qualification's last day there.
    """

    __tablename__ = "safety_desk_members"

    person_id: Mapped[int] = mapped_column(ForeignKey("accounts.person_id"), primary_key=True, autoincrement=False)
    qualification: Mapped[str]
    issued_by: Mapped[str]
    seen_on: Mapped[date]
    valid_until: Mapped[date]
    languages: Mapped[list[str]] = mapped_column(ARRAY(String))
    zone: Mapped[str]
    hours: Mapped[list[list[int]]] = mapped_column(JSONB)
    declared_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    declared_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise", foreign_keys=[person_id], primaryjoin="SafetyDeskMember.person_id == Person.id", viewonly=True)
