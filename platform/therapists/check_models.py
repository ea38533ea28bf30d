"""The checks that are required beside the register's entry: what counts now, and every look and signature behind it.

A `PracticeCheck` says what holds now for one therapist and kind, and is written only by `check_records` and `sign_agreement`; the records are never changed.
"""

from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.crypto import sealed_text
from core.db import Base, HasPublicId

if TYPE_CHECKING:  # its file imports this one
    from therapists.models import Therapist

RESULTS = ("passed", "failed")


class PracticeCheck(Base, HasPublicId):
    """One kind of check of one therapist. `passed` None: nobody has looked yet. `valid_until` is the last day, counted in `zone`."""

    __tablename__ = "practice_checks"
    __table_args__ = (
        UniqueConstraint("therapist_id", "kind"),
        CheckConstraint("passed IS NULL OR checked_at IS NOT NULL", name="a_result_has_a_time"),
        Index(None, "kind", "valid_until"),
        Index(None, "kind", "checked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    kind: Mapped[str]  # taxonomy
    passed: Mapped[bool | None]
    checked_at: Mapped[datetime | None]
    valid_until: Mapped[date | None]
    zone: Mapped[str]
    version: Mapped[str | None]  # of the agreement that was signed
    offered_at: Mapped[datetime | None]  # the therapist says that there is something new to look at
    warned_days: Mapped[int | None]  # the nearest warning of the last day that was sent; -1: that it is over

    therapist: Mapped["Therapist"] = relationship(lazy="raise", back_populates="checks")


class PracticeCheckRecord(Base, HasPublicId):
    """One look by a person. Never changed. Who issued it, under which reference, and the note may name people: they are sealed."""

    __tablename__ = "practice_check_records"
    __table_args__ = (
        CheckConstraint("result IN ({})".format(", ".join(f"'{each}'" for each in RESULTS)), name="result_is_known"),
        Index(None, "therapist_id", "kind"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    kind: Mapped[str]
    result: Mapped[str]
    reason: Mapped[str]  # a code
    checked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    checked_at: Mapped[datetime]
    recorded_at: Mapped[datetime]
    valid_until: Mapped[date | None]
    zone: Mapped[str]
    body_sealed: Mapped[bytes | None]
    reference_sealed: Mapped[bytes | None]
    note_sealed: Mapped[bytes | None]

    body = sealed_text("body_sealed")  # the insurer, the authority, the supervisor, the list
    reference = sealed_text("reference_sealed")
    note = sealed_text("note_sealed")


class AgreementSignature(Base, HasPublicId):
    """The therapist's own act: which words, known by their digest, and when. Never changed."""

    __tablename__ = "agreement_signatures"
    __table_args__ = (UniqueConstraint("therapist_id", "version"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    version: Mapped[str]
    digest: Mapped[str]
    signed_at: Mapped[datetime]
