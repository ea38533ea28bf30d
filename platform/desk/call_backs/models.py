"""A call that was asked for. The number and the times go away a while after it ended; what stays says nothing about where somebody is reached."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from accounts.models import Person
from core.crypto import sealed_text
from core.db import Base, HasPublicId
from desk.call_backs.topics import ENDS, TOPICS
from desk.models import Case


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(value) for value in values)})"


class CallBack(Base, HasPublicId):
    """Open until `ended_at`. `windows`: ``[[weekday, from_minute, to_minute], ...]`` on the wall clock of `zone`, Monday is 0.

    `case_id` carries clock and owner. `voicemail_safe` is whether a message may be left there. `code_issued_at`: when a discount code followed the call.
    """

    __tablename__ = "call_backs"
    __table_args__ = (
        CheckConstraint(_one_of("topic", tuple(TOPICS)), name="topic_is_known"),
        CheckConstraint(_one_of("outcome", ENDS), name="outcome_is_known"),
        CheckConstraint("(ended_at IS NULL) = (outcome IS NULL)", name="an_end_has_an_outcome"),
        CheckConstraint("ended_at IS NOT NULL OR (phone_sealed IS NOT NULL AND windows IS NOT NULL)", name="an_open_one_can_be_made"),
        CheckConstraint("(forgotten_at IS NOT NULL) = (phone_sealed IS NULL)", name="forgotten_with_its_time"),
        Index("uq_call_backs_one_open", "person_id", unique=True, postgresql_where=text("ended_at IS NULL")),
        Index(None, "case_id"),
        Index("ix_call_backs_to_forget", "ended_at", postgresql_where=text("ended_at IS NOT NULL AND forgotten_at IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    case_id: Mapped[int] = mapped_column(ForeignKey("cases.id"))
    topic: Mapped[str]
    zone: Mapped[str]
    windows: Mapped[list[list[int]] | None] = mapped_column(JSONB(none_as_null=True))
    phone_sealed: Mapped[bytes | None]
    phone = sealed_text("phone_sealed")
    voicemail_safe: Mapped[bool]
    consent_text_version: Mapped[str]
    asked_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    outcome: Mapped[str | None]  # a code
    forgotten_at: Mapped[datetime | None]
    code_issued_at: Mapped[datetime | None]

    case: Mapped[Case] = relationship(lazy="raise", viewonly=True)
    person: Mapped[Person] = relationship(lazy="raise", viewonly=True)
