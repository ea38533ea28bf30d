"""Packs on offer, packs bought, and the sessions taken from them. `what` is the opaque name of what a pack is for."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.db import Base, HasPublicId
from core.money import Money
from payments.models import one_of
from payments.packs.counting import LEAST, MOST, TAKEN_STATES, Count

PACK_STATES = ("asked", "paid", "closed")


class PackOffer(Base, HasPublicId):
    """So many sessions of one thing for one price. Stopped, it is sold no more; packs that were bought keep theirs."""

    __tablename__ = "pack_offers"
    __table_args__ = (
        CheckConstraint(f"sessions BETWEEN {LEAST} AND {MOST}", name="sessions_in_range"),
        CheckConstraint("price_amount >= sessions", name="every_session_is_worth_something"),
        Index("uq_pack_offers_on_sale", "what", "sessions", unique=True, postgresql_where=text("stopped_at IS NULL")),
        Index(None, "payee_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payee_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    what: Mapped[uuid.UUID]
    sessions: Mapped[int]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    made_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)


class Pack(Base, HasPublicId):
    """One pack that somebody asked for; `public_id` is the reference of its payment. `paid_at` is when it came to life."""

    __tablename__ = "packs"
    __table_args__ = (
        CheckConstraint(one_of("state", PACK_STATES), name="state_is_known"),
        CheckConstraint("(state = 'asked') = (paid_at IS NULL) AND (state = 'closed') = (closed_at IS NOT NULL)", name="states_have_their_times"),
        CheckConstraint("reserved >= 0 AND consumed >= 0 AND reserved + consumed <= sessions", name="no_more_than_bought"),
        Index(None, "payer_id"),
        Index(None, "payee_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("pack_offers.id"))
    payer_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    payee_id: Mapped[int] = mapped_column(ForeignKey("persons.id"))
    what: Mapped[uuid.UUID]
    sessions: Mapped[int]
    price_amount: Mapped[int]
    price_currency: Mapped[str]
    fee_points: Mapped[int]  # our part of each session, in hundredths of a percent, as published when it was bought
    state: Mapped[str] = mapped_column(server_default="asked")
    reserved: Mapped[int] = mapped_column(server_default=text("0"))
    consumed: Mapped[int] = mapped_column(server_default=text("0"))
    asked_at: Mapped[datetime]
    paid_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)

    @property
    def count(self) -> Count:
        return Count(self.sessions, self.reserved, self.consumed, is_closed=self.state != "paid")


class PackSession(Base):
    """One session of a pack, for a reference. `number` is its place among those consumed."""

    __tablename__ = "pack_sessions"
    __table_args__ = (
        CheckConstraint(one_of("state", TAKEN_STATES), name="state_is_known"),
        CheckConstraint("(state = 'consumed') = (number IS NOT NULL)", name="consumed_has_its_number"),
        UniqueConstraint("pack_id", "number"),
        Index("uq_pack_sessions_of_a_reference", "reference", "pack_id", unique=True, postgresql_where=text("state <> 'released'")),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    pack_id: Mapped[int] = mapped_column(ForeignKey("packs.id"))
    reference: Mapped[uuid.UUID]
    state: Mapped[str] = mapped_column(server_default="reserved")
    number: Mapped[int | None]
    at: Mapped[datetime]
    over_at: Mapped[datetime | None]
