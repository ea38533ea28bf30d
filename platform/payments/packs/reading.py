"""Packs on sale and packs that were bought, as their payer and payee see them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core.db import db
from core.money import Money
from payments.packs.counting import rest
from payments.packs.models import Pack, PackOffer


@dataclass(frozen=True, slots=True)
class OfferShown:
    """`what` is what it is for; `sold` how many were bought."""

    public_id: uuid.UUID
    what: uuid.UUID
    sessions: int
    price: Money
    made_at: datetime
    stopped_at: datetime | None
    sold: int


@dataclass(frozen=True, slots=True)
class PackShown:
    """A pack that was bought. `rest` is what goes back when it is closed now."""

    public_id: uuid.UUID
    what: uuid.UUID
    state: str
    sessions: int
    left: int
    reserved: int
    consumed: int
    price: Money
    rest: Money
    paid_at: datetime | None
    closed_at: datetime | None


def offers_for(what: uuid.UUID) -> Sequence[OfferShown]:
    """What is on sale, the smallest first."""
    return _offers(PackOffer.what == what, PackOffer.stopped_at.is_(None))


def offers_by(payee_id: int) -> Sequence[OfferShown]:
    """Everything that this payee has offered, stopped or not."""
    return _offers(PackOffer.payee_id == payee_id)


def packs_of(payer_id: int) -> Sequence[PackShown]:
    """Everything that this person bought, the latest first; what was asked for and never paid is nothing."""
    wanted = select(Pack).where(Pack.payer_id == payer_id, Pack.state != "asked").order_by(Pack.paid_at.desc(), Pack.id.desc())
    return [show_pack(pack) for pack in db.session.scalars(wanted)]


def show_pack(pack: Pack) -> PackShown:
    count = pack.count
    return PackShown(
        public_id=pack.public_id,
        what=pack.what,
        state=pack.state,
        sessions=pack.sessions,
        left=count.left,
        reserved=pack.reserved,
        consumed=pack.consumed,
        price=pack.price,
        rest=Money(0 if count.is_closed else rest(pack.price_amount, count), pack.price_currency),
        paid_at=pack.paid_at,
        closed_at=pack.closed_at,
    )


def _offers(*which: object) -> Sequence[OfferShown]:
    sold = select(func.count()).where(Pack.offer_id == PackOffer.id, Pack.state != "asked").correlate(PackOffer).scalar_subquery()
    wanted = select(PackOffer, sold).where(*which).order_by(PackOffer.what, PackOffer.sessions, PackOffer.id)  # type: ignore[arg-type]
    rows = db.session.execute(wanted)
    return [OfferShown(row.public_id, row.what, row.sessions, row.price, row.made_at, row.stopped_at, count) for row, count in rows]
