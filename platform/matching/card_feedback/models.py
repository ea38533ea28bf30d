"""Feedback on one card of one shortlist."""

from datetime import datetime

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_json
from core.db import Base, HasPublicId


class CardFeedback(Base, HasPublicId):
    """`said`: ``{"verdict": ..., "reasons": [codes]}``. Deleting the shortlist, or the intake it belongs to, deletes it."""

    __tablename__ = "card_feedback"
    __table_args__ = (UniqueConstraint("shortlist_id", "therapist_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    shortlist_id: Mapped[int] = mapped_column(ForeignKey("shortlists.id", ondelete="CASCADE"))
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    given_at: Mapped[datetime]
    said_sealed: Mapped[bytes | None]
    said = sealed_json("said_sealed")
