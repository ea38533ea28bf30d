"""Questionnaires that were taken. Which one, and every answer, is sealed; the result is computed when it is read."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from core.crypto import sealed_json
from core.db import Base, HasPublicId
from therapists.models import Therapist


class TakenQuestionnaire(Base, HasPublicId):
    """What one client answered at one time. `said`: ``{"questionnaire": slug, "version": ..., "answers": [0 to 3 or null, ...]}``."""

    __tablename__ = "taken_questionnaires"
    __table_args__ = (Index(None, "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    client_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    taken_at: Mapped[datetime]
    said_sealed: Mapped[bytes | None]
    said = sealed_json("said_sealed")

    shares: Mapped[list["SharedResult"]] = relationship(lazy="raise", order_by="SharedResult.shared_at", viewonly=True)


class SharedResult(Base):
    """That a therapist may read one; the row goes when the client ends that."""

    __tablename__ = "shared_results"
    __table_args__ = (Index(None, "therapist_id"),)

    taken_id: Mapped[int] = mapped_column(ForeignKey("taken_questionnaires.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"), primary_key=True, autoincrement=False)
    shared_at: Mapped[datetime]

    therapist: Mapped[Therapist] = relationship(lazy="raise", viewonly=True)
