"""Somebody whom a therapist brings along: invited by mail, unknown to us until they say yes."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from core.crypto import sealed_text
from core.db import Base, HasPublicId

OUTCOMES = ("accepted", "declined", "withdrawn", "lapsed")


class ClientInvitation(Base, HasPublicId):
    """The address is sealed and goes when the invitation ends; until somebody accepts, it is all that is kept. The link's secret is in the mail alone."""

    __tablename__ = "client_invitations"
    __table_args__ = (
        CheckConstraint("outcome IN ({})".format(", ".join(f"'{each}'" for each in OUTCOMES)), name="outcome_is_known"),
        CheckConstraint("(outcome IS NULL) = (ended_at IS NULL)", name="an_outcome_has_its_time"),
        CheckConstraint("(outcome IS NULL) = (address_sealed IS NOT NULL)", name="the_address_goes_with_the_end"),
        CheckConstraint("(client_id IS NOT NULL) = (coalesce(outcome, '') = 'accepted')", name="only_who_accepts_is_known"),
        Index(None, "therapist_id", "id"),
        Index("ix_client_invitations_to_end", "lapses_at", postgresql_where=text("outcome IS NULL")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    therapist_id: Mapped[int] = mapped_column(ForeignKey("therapists.person_id"))
    unit: Mapped[str]
    address_sealed: Mapped[bytes | None]
    address = sealed_text("address_sealed")
    link_digest: Mapped[bytes] = mapped_column(unique=True)
    created_at: Mapped[datetime]
    sent_times: Mapped[int] = mapped_column(server_default=text("1"))
    lapses_at: Mapped[datetime]
    outcome: Mapped[str | None]
    ended_at: Mapped[datetime | None]
    client_id: Mapped[int | None] = mapped_column(ForeignKey("persons.id"))
