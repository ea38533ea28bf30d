"""What registers with an interface answered when a verifier had them asked. Rows are only added."""

from datetime import date, datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId
from therapists.register_answers import REASONS

ANSWERS = ("found", "not_found", "unavailable")
Words = ARRAY(String)
NO_WORDS = text("'{}'")


class RegisterLookup(Base, HasPublicId):
    """One attempt to ask. It is shown beside a person's own look and decides nothing; `unavailable` says nothing about anybody."""

    __tablename__ = "register_lookups"
    __table_args__ = (
        CheckConstraint("answer IN ({})".format(", ".join(f"'{each}'" for each in ANSWERS)), name="answer_is_known"),
        CheckConstraint("reason IN ({})".format(", ".join(f"'{each}'" for each in REASONS)), name="reason_is_known"),
        CheckConstraint("(answer = 'unavailable') = (reason IS NOT NULL)", name="unavailable_has_a_reason"),
        CheckConstraint("name_likeness BETWEEN 0 AND 100", name="likeness_in_range"),
        Index(None, "credential_id", "asked_at", "public_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    credential_id: Mapped[int] = mapped_column(ForeignKey("credentials.id"))
    asked_by: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    asked_at: Mapped[datetime]  # when this attempt ended
    attempt: Mapped[int]  # 1 for the first; the others were repeated by the clock
    register: Mapped[str]
    number: Mapped[str]  # as it was claimed then
    source: Mapped[str]  # the address that was asked
    answer: Mapped[str]
    reason: Mapped[str | None]  # a code: why it could not be asked
    status_text: Mapped[str] = mapped_column(server_default="")
    names: Mapped[list[str]] = mapped_column(Words, server_default=NO_WORDS)
    name_likeness: Mapped[int | None]  # 0..100, the nearest of the names and the name as claimed
    credential_types: Mapped[list[str]] = mapped_column(Words, server_default=NO_WORDS)
    restrictions: Mapped[list[str]] = mapped_column(Words, server_default=NO_WORDS)
    expires_on: Mapped[date | None]
    alarms: Mapped[list[str]] = mapped_column(Words, server_default=NO_WORDS)
    asks_again_at: Mapped[datetime | None]
