"""Sessions of a group that stand and can be joined, read fresh: one booking each, with a seat for every client."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, true

from booking.lifecycle import State
from booking.models import Booking, BookingParticipant, Claim
from booking.openings.intervals import Interval
from booking.openings.offers import Offer
from core.db import db
from core.reading import second_at


@dataclass(frozen=True, slots=True)
class GroupSession:
    """`start` and `block` (what it takes of the therapist's time) are UTC seconds; `taken` counts seats."""

    booking_id: int
    start: int
    minutes: int
    block: Interval
    taken: int

    def seats_left(self, offer: Offer) -> int:
        return max(0, (offer.seats or 0) - self.taken)


def group_sessions(offer: Offer, start: datetime, end: datetime, *, ignoring: Collection[int] = ()) -> Sequence[GroupSession]:
    """Those of this service that start in [start, end), in that order, full ones too; none of the bookings `ignoring` (ids)."""
    taken = select(func.count()).where(BookingParticipant.booking_id == Booking.id, BookingParticipant.left_at.is_(None)).correlate(Booking).scalar_subquery()
    wanted = (
        select(Booking.id, Booking.starts_at, Booking.ends_at, second_at(Claim.blocks_from), second_at(Claim.blocks_to), taken)
        .join(Claim, Claim.booking_id == Booking.id)
        .where(
            Claim.role == "therapist",
            Booking.therapist_id == offer.therapist_id,
            Booking.service_id == offer.service_id,
            Booking.state == State.CONFIRMED.value,
            Booking.starts_at >= start,
            Booking.starts_at < end,
            Booking.id.not_in(ignoring) if ignoring else true(),
        )
        .order_by(Booking.starts_at)
    )
    return [
        GroupSession(booking_id, int(starts_at.timestamp()), int((ends_at - starts_at).total_seconds()) // 60, (low, high), count)
        for booking_id, starts_at, ends_at, low, high, count in db.session.execute(wanted)
    ]


def session_at(offer: Offer, start: datetime) -> GroupSession | None:
    """The one that runs at exactly this start, if any."""
    return next(iter(group_sessions(offer, start, start + timedelta(seconds=1))), None)
