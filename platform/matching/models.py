"""Intakes and the shortlists made from them, sealed but for ids, clocks and versions; and versions of what therapists stated, which slates name."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_json
from core.db import Base, HasPublicId


class Intake(Base, HasPublicId):
    """One person's answers. `person_id` is the guest or the client whom they concern.

    `cookie_digest` lets one browser of a guest in, until it was idle too long; None once the intake was adopted or began signed in.
    `safety_answered_at`: when the safety questions were last answered here; what no later answer takes back is kept with the person, in care.
    """

    __tablename__ = "intakes"
    __table_args__ = (Index(None, "person_id"), Index(None, "last_active_at"))

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    cookie_digest: Mapped[bytes | None] = mapped_column(unique=True)
    started_at: Mapped[datetime]
    last_active_at: Mapped[datetime]
    adopted_at: Mapped[datetime | None]
    safety_answered_at: Mapped[datetime | None]
    revision: Mapped[int] = mapped_column(server_default=text("0"))
    answers_sealed: Mapped[bytes | None]
    answers = sealed_json("answers_sealed")
    return_to_sealed: Mapped[bytes | None]
    return_to = sealed_json("return_to_sealed")  # where a link to these answers may be mailed


class Shortlist(Base, HasPublicId):
    """What was shown: the therapists in their order, with scores and reasons, under which versions, from which state of the answers."""

    __tablename__ = "shortlists"
    __table_args__ = (Index(None, "intake_id", "made_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id", ondelete="CASCADE"))
    made_at: Mapped[datetime]
    revision: Mapped[int]
    weights_version: Mapped[str]
    taxonomy_version: Mapped[str]
    shown_sealed: Mapped[bytes | None]
    shown = sealed_json("shown_sealed")


class CandidateFacts(Base):
    """One version of what a therapist stated, as `recorded.version_of` has it; `digest` is the SHA-256 of `facts`.

    Kept slates name it. `named_on`: a day (UTC) on which that happened, and one of the last two when it is named at all today.
    """

    __tablename__ = "candidate_facts"
    __table_args__ = (Index(None, "therapist_id"), Index(None, "named_on"))

    digest: Mapped[bytes] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    facts: Mapped[str]
    named_on: Mapped[date]
