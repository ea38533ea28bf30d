"""What stands for money that was paid for bookings, for the comparison with the processor. Connected by the assembly."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import select

from booking.lifecycle import State
from booking.models import ONLINE, Booking, LateFee
from booking.paying.due import PURPOSE
from booking.paying.give_back import card_keeps
from booking.paying.heard import STANDS
from core.db import db
from payments.gifts.balance import kept_of_card
from payments.models import Payment
from payments.reconciler.stands import Unpaid

ENDED_WITH_A_FEE = frozenset({State.CANCELLED, State.NO_SHOW})


def what_stays(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The most that may be kept of what was paid for each of these bookings: what a card pays of it while it stands, the fee once it ended by one."""
    bookings = db.session.scalars(select(Booking).where(Booking.public_id.in_(references)))
    return {booking.public_id: _stays(booking) for booking in bookings}


def what_fees_stay(references: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """The same of fees for cancelling late or not coming that were paid by themselves: what is owed and no gift code bears, unless it was waived."""
    owed = select(Booking.public_id, LateFee.amount, Booking.gift_amount).join(Booking, Booking.id == LateFee.booking_id)
    mine = owed.where(Booking.public_id.in_(references), LateFee.person_id.is_(None), LateFee.waived_at.is_(None))
    return {reference: kept_of_card(amount, by_gift) for reference, amount, by_gift in db.session.execute(mine)}


def what_is_unpaid(since: datetime, until: datetime) -> Sequence[Unpaid]:
    """Single bookings that are paid by card, were confirmed in [since, until) and stand, although their payment ended without money.

    What is asked for and open yet has its own clocks (series, packs); that nothing was ever asked for is theirs as well.
    """
    wanted = select(Booking).where(
        Booking.state.in_([State.CONFIRMED.value, State.COMPLETED.value]),
        Booking.collects == ONLINE,
        Booking.fee_amount > Booking.gift_amount,
        Booking.series_id.is_(None),
        Booking.confirmed_at >= since,
        Booking.confirmed_at < until,
    )
    asked = select(Payment.reference).where(Payment.purpose == PURPOSE)
    paid_or_open = asked.where((Payment.captured_amount > 0) | (Payment.state != "ended"))
    unpaid = wanted.where(Booking.public_id.in_(asked), Booking.public_id.not_in(paid_or_open))
    return [
        Unpaid(each.public_id, each.therapist_id, each.by_card, each.confirmed_at)
        for each in db.session.scalars(unpaid.order_by(Booking.id))
        if each.confirmed_at is not None
    ]


def _stays(booking: Booking) -> int:
    if booking.stands in ENDED_WITH_A_FEE:
        return card_keeps(booking)
    return booking.by_card.amount if booking.stands in STANDS else 0
