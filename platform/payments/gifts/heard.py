"""News of the money for a gift code: the code is made, or what was paid for it goes back. Connected to `payments.news`."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from core.db import db
from payments.gifts.models import GiftCode
from payments.gifts.sell import PURPOSE, gift_paid
from payments.news import GiveBack, Kept, PaymentNews, Verdict

__all__ = ["PURPOSE", "hear_of_payment", "what_stays"]


def hear_of_payment(news: PaymentNews, now: datetime) -> Verdict:
    """A checkout that came to nothing changes nothing: whoever asked for the code may pay it later."""
    if news.paid is None or gift_paid(news.reference, now=now) is not None:
        return Kept()
    return GiveBack("cancelled")


def what_stays(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The most that may be kept of what was paid for each of these codes: its value, while it holds or is spent."""
    gifts = db.session.scalars(select(GiftCode).where(GiftCode.public_id.in_(references)))
    return {gift.public_id: gift.value_amount if gift.state == "paid" else 0 for gift in gifts}
