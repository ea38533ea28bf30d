"""What a guide suggested for an intake, sealed like every shortlist. Gone with the intake."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_json
from core.db import Base, HasPublicId

ANSWERS = ("thanks", "none_of_these")


class AssistedShortlist(Base, HasPublicId):
    """`proposed` is ``[{"key", "reasons", "note"}, ...]`` in the guide's order: public ids of therapists, codes of `reasons.REASONS`, words or None.

    `revision` is the state of the answers that it was made from. Only the newest of an intake is shown.
    """

    __tablename__ = "assisted_shortlists"
    __table_args__ = (
        CheckConstraint("answer IN ({})".format(", ".join(f"'{each}'" for each in ANSWERS)), name="answer_is_known"),
        CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name="an_answer_has_its_time"),
        Index(None, "intake_id", "proposed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    intake_id: Mapped[int] = mapped_column(ForeignKey("intakes.id", ondelete="CASCADE"))
    proposed_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    proposed_at: Mapped[datetime]
    revision: Mapped[int]
    weights_version: Mapped[str]
    taxonomy_version: Mapped[str]
    proposed_sealed: Mapped[bytes | None]
    proposed = sealed_json("proposed_sealed")
    answer: Mapped[str | None]  # a code
    answered_at: Mapped[datetime | None]
