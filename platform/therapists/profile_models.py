"""The reading of profiles by a person: what waits, what was read and decided, and the photo."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId

VERDICTS = ("approved", "changes_asked")
PHOTO_STATES = ("pending", "approved", "sent_back")


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class ProfileReview(Base):
    """Where a profile stands. `asked_at` and `due_at` while something waits to be read; `approved_at` since a person read it whole and approved it."""

    __tablename__ = "profile_reviews"
    __table_args__ = (CheckConstraint("(asked_at IS NULL) = (due_at IS NULL)", name="asked_has_a_clock"),)

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    asked_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    approved_at: Mapped[datetime | None]
    publishes: Mapped[bool] = mapped_column(default=False, server_default="false")  # the therapist asked to be shown as soon as it is approved


class ProfileChange(Base):
    """One change since the approval. `held` ones wait behind what is shown; the others show meanwhile. `approved` is the value that was read last.

    `sent_back`: read, and not accepted; the therapist changes it or takes it back.
    """

    __tablename__ = "profile_changes"

    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[Any] = mapped_column(JSONB)
    approved: Mapped[Any] = mapped_column(JSONB)
    held: Mapped[bool]
    sent_back: Mapped[bool] = mapped_column(default=False, server_default="false")
    made_at: Mapped[datetime]


class ProfileReading(Base, HasPublicId):
    """One reading of a profile by a person. Never changed. `passages` are the words as they were read, `reasons` what has to change, with the sentence."""

    __tablename__ = "profile_readings"
    __table_args__ = (CheckConstraint(_one_of("verdict", VERDICTS), name="verdict_is_known"), Index(None, "therapist_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    read_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    read_at: Mapped[datetime]
    verdict: Mapped[str]
    digest: Mapped[str]
    passages: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)


class ProfilePhoto(Base, HasPublicId):
    """A picture made anew: a square JPEG, small enough to live in the database. At most one is approved and one waits or was sent back."""

    __tablename__ = "profile_photos"
    __table_args__ = (
        CheckConstraint(_one_of("state", PHOTO_STATES), name="state_is_known"),
        Index("uq_profile_photos_shown", "therapist_id", unique=True, postgresql_where=text("state = 'approved'")),
        Index("uq_profile_photos_waiting", "therapist_id", unique=True, postgresql_where=text("state <> 'approved'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    state: Mapped[str]
    digest: Mapped[str]  # SHA-256 of the content, in hex
    content: Mapped[bytes] = mapped_column(deferred=True)
    uploaded_at: Mapped[datetime]
