"""Requests that waited for time without keeping it, when somebody else's booking now takes that time."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import aliased

from booking.advance import lock_row
from booking.ending import end_waiting
from booking.lifecycle import State
from booking.models import Booking, Claim
from core.db import db


def end_overlapped_requests(*bookings: Booking, now: datetime) -> None:
    """End every other request that needs time which these bookings now take: declined when it is the therapist's, withdrawn when it is the client's own.

    The caller holds the locks of these bookings' people, and each request that is found shares one of them.
    """
    ids = [booking.id for booking in bookings]
    mine, theirs = aliased(Claim), aliased(Claim)
    clashing = (
        select(theirs.booking_id, theirs.role)
        .join(Booking, Booking.id == theirs.booking_id)
        .join(mine, mine.person_id == theirs.person_id)
        .where(
            mine.booking_id.in_(ids),
            theirs.booking_id.not_in(ids),
            Booking.state == State.REQUESTED.value,
            theirs.blocks_from < mine.blocks_to,
            theirs.blocks_to > mine.blocks_from,
        )
        .order_by(theirs.booking_id)
    )
    ended: set[int] = set()
    for booking_id, role in sorted(db.session.execute(clashing).all(), key=lambda row: (row.booking_id, row.role != "therapist")):
        if booking_id not in ended:
            ended.add(booking_id)
            target = State.DECLINED if role == "therapist" else State.WITHDRAWN
            end_waiting(lock_row(booking_id), target, by=None, reason="taken", now=now)
