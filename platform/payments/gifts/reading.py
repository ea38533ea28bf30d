"""Gift codes as whoever bought them sees them, and what is left of one for whoever has it, its buyer too.

Nobody reads where it was spent, or who the other is.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.throttle import count_attempt, origin_of
from core.db import db
from core.errors import NotFound
from core.money import Money
from payments.gifts.models import GiftCode
from payments.gifts.redeem import holds, left_of
from payments.gifts.sell import PURPOSE, digest_of
from payments.models import Payment

MOST_LOOKS, LOOKS_WINDOW = 20, timedelta(hours=1)


class NoSuchGiftCode(NotFound):
    code, detail = "no_such_gift_code", "There is no such gift code, or it does not hold any more."


@dataclass(frozen=True, slots=True)
class GiftShown:
    """A code as its buyer sees it: nothing of what was spent. What is left they can read by the code, like anybody who has it (`balance_by_code`)."""

    public_id: uuid.UUID
    state: str
    value: Money
    note: str | None
    hint: str | None
    asked_at: datetime
    paid_at: datetime | None
    expires_at: datetime | None
    return_until: datetime | None


@dataclass(frozen=True, slots=True)
class GiftBalance:
    """What whoever has the code reads: never who bought it, what it was worth at first, or what it was spent on."""

    left: Money
    note: str | None
    expires_at: datetime | None


def gifts_of(buyer_id: int) -> Sequence[GiftShown]:
    """Everything that this person asked for, the latest first."""
    mine = select(GiftCode).where(GiftCode.buyer_id == buyer_id).order_by(GiftCode.asked_at.desc(), GiftCode.id.desc())
    return [show_gift(gift) for gift in db.session.scalars(mine)]


def show_gift(gift: GiftCode) -> GiftShown:
    return GiftShown(
        gift.public_id, gift.state, gift.value, gift.note, gift.hint, gift.asked_at, gift.paid_at, gift.expires_at, gift.return_until
    )  # fmt: skip


def balance_by_code(written: str, *, remote_addr: str | None, now: datetime) -> GiftBalance:
    """What is left of it. NoSuchGiftCode alike for one that never was, is unpaid, was given back or has run out; TooMany after 20 looks in an hour from one
    origin, whatever they found.
    """
    count_attempt(f"gift_balance:{origin_of(remote_addr)}", limit=MOST_LOOKS, window=LOOKS_WINDOW, now=now)
    wanted = select(GiftCode, Payment).join(Payment, (Payment.reference == GiftCode.public_id) & (Payment.purpose == PURPOSE))
    found = db.session.execute(wanted.where(GiftCode.digest == digest_of(written), Payment.captured_amount > 0)).one_or_none()
    if found is None or not holds(found[0], found[1], now=now):
        raise NoSuchGiftCode
    gift, payment = found
    return GiftBalance(Money(left_of(gift, payment), gift.value_currency), gift.note, gift.expires_at)
