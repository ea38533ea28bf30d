"""Private calendar feeds: an address that only its owner knows, for what they attend or for what they give."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base

SIDES = ("client", "therapist")
# What a therapist's feed says of a client. A client's feed has their own titles and names nobody.
SHOWS = ("nothing", "initials", "first_name")


class CalendarFeed(Base):
    """One person's feed of one side. The secret is in the address and nowhere here; a new one replaces its digest."""

    __tablename__ = "calendar_feeds"
    __table_args__ = (
        CheckConstraint("side IN ({})".format(", ".join(f"'{side}'" for side in SIDES)), name="side_is_known"),
        CheckConstraint("shows IN ({})".format(", ".join(f"'{each}'" for each in SHOWS)), name="shows_is_known"),
        CheckConstraint("side = 'therapist' OR shows = 'nothing'", name="a_clients_feed_names_nobody"),
        UniqueConstraint("person_id", "side"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("accounts.person_id"))
    side: Mapped[str]
    digest: Mapped[bytes] = mapped_column(unique=True)
    shows: Mapped[str]
    made_at: Mapped[datetime]
