"""What a reminder says of money to the client of a series: what this date costs and whether it is paid, and what is charged next, and when."""

from typing import Any

from sqlalchemy import select

from booking.lifecycle import State
from booking.models import Booking
from booking.paying.charge_clock import TRIES, unpaid_at
from booking.paying.charge_letters import PRICE_PAGE
from booking.paying.due import is_by_clock, is_paid
from core.db import db


def money_facts(booking: Booking) -> dict[str, Any]:
    """For a letter: `paying` about this date, `next_charge` about the next one; None where nothing is charged to a card."""
    paying = None
    if is_by_clock(booking):
        page = f"{PRICE_PAGE}/{booking.public_id}"
        paying = {"price": str(booking.by_card), "is_paid": is_paid(booking), "until": unpaid_at(booking.starts_at), "page": page}
    following = _next(booking)
    next_charge = None if following is None else {"price": str(following.by_card), "start": following.starts_at, "at": following.starts_at - TRIES[0]}
    return {"paying": paying, "next_charge": next_charge}


def _next(booking: Booking) -> Booking | None:
    if booking.series_id is None:
        return None
    later = select(Booking).where(Booking.series_id == booking.series_id, Booking.starts_at > booking.starts_at, Booking.state == State.CONFIRMED.value)
    found = db.session.scalars(later.order_by(Booking.starts_at).limit(1)).one_or_none()
    return found if found is not None and found.is_paid_online and not is_paid(found) else None
