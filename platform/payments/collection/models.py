"""How each payee collects, and their account with the processor. The account's reference names nobody; the processor holds bank details, we never do."""

from datetime import datetime

from sqlalchemy import ARRAY, CheckConstraint, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId
from payments.collection.ways import ACCOUNT_STATES, WAYS, Way
from payments.models import one_of


class CollectionChoice(Base):
    """One row for each payee who has chosen."""

    __tablename__ = "collection_choices"
    __table_args__ = (CheckConstraint(one_of("way", WAYS), name="way_is_known"),)

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    way: Mapped[Way] = mapped_column(String)
    chosen_at: Mapped[datetime]


class ConnectedAccount(Base, HasPublicId):
    """A payee's account with the processor, as it stood when we last looked. `reference` is the processor's name for it, None until it has one."""

    __tablename__ = "connected_accounts"
    __table_args__ = (
        CheckConstraint(one_of("state", ACCOUNT_STATES), name="state_is_known"),
        CheckConstraint("reference IS NOT NULL OR state = 'begun'", name="only_a_beginning_has_no_reference"),
    )

    person_id: Mapped[int] = mapped_column(ForeignKey("persons.id"), primary_key=True, autoincrement=False)
    country: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="begun")
    reference: Mapped[str | None] = mapped_column(unique=True)
    still_due: Mapped[list[str]] = mapped_column(ARRAY(String), server_default=text("'{}'"))  # the processor's own codes
    begun_at: Mapped[datetime]
    key: Mapped[str | None] = mapped_column(unique=True)  # sent with every call that makes it there, and written down before the first one, `sent_at`
    sent_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
