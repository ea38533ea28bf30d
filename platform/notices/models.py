"""Notices: what was sent to whom is sealed; what is readable says only that something of a kind went out, and when."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_json
from core.db import Base, HasPublicId

STATES = ("waiting", "sent", "refused")


class Notice(Base, HasPublicId):
    """One letter to one recipient. `person_id` names a person of the package that sends; there is no foreign key, because persons are not known here.

    `once_digest` stands for the sender's dedupe key and the address. `lease_ends_at` is set while a worker speaks to the mail server.
    """

    __tablename__ = "notices"
    __table_args__ = (
        CheckConstraint("state IN ({})".format(", ".join(f"'{state}'" for state in STATES)), name="state_is_known"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_has_a_time"),
        Index(None, "person_id"),
        Index("ix_notices_waiting", "created_at", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int | None]
    kind: Mapped[str]
    channel: Mapped[str]
    once_digest: Mapped[bytes] = mapped_column(unique=True)
    message_id: Mapped[str] = mapped_column(unique=True)
    letter_sealed: Mapped[bytes | None]
    letter = sealed_json("letter_sealed")
    state: Mapped[str] = mapped_column(default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    last_failure: Mapped[str | None]
    created_at: Mapped[datetime]
    lease_ends_at: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
