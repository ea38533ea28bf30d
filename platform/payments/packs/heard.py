"""News of the money for a pack: it comes to life, or what was paid for it goes back. Connected to `payments.news`."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from core.db import db
from payments.news import GiveBack, Kept, PaymentNews, Verdict
from payments.packs.models import Pack
from payments.packs.sell import pack_paid, used_of

PURPOSE = "pack"


def what_stays(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The most that may be kept of what was paid for each of these packs: its price, or once it is closed what its used and booked sessions are worth."""
    packs = db.session.scalars(select(Pack).where(Pack.public_id.in_(references)))
    return {pack.public_id: _stays(pack) for pack in packs}


def _stays(pack: Pack) -> int:
    if pack.state == "closed":
        return used_of(pack)
    return pack.price_amount if pack.state == "paid" else 0


def hear_of_payment(news: PaymentNews, now: datetime) -> Verdict:
    """A checkout that came to nothing changes nothing: whoever asked for the pack may pay it later at the same price."""
    if news.paid is None or pack_paid(news.reference, now=now) is not None:
        return Kept()
    return GiveBack("cancelled")
