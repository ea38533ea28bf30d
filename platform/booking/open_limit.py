"""How much one client may leave open at once: requests that wait for an answer, consultations that lie ahead, and holds.

Without it one person could take the openings of many therapists for two days, for nothing.
"""

from datetime import datetime

from sqlalchemy import and_, func, or_, select

from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from core.db import db
from core.errors import TooMany

MOST_OPEN = 3
MOST_HOLDS = 3


class TooManyOpen(TooMany):
    code, detail = "too_many_open", "You have three requests or consultations open already. Wait for an answer, or take one of them back."


class TooManyHolds(TooMany):
    code, detail = "too_many_holds", "You hold three openings already. Book one of them, or release one."


def require_few_holds(client_id: int, *, now: datetime) -> None:
    """TooManyHolds when one more would be too many. What somebody else holds for them, as a proposal or an offer, is not counted. Same locks."""
    own = (Booking.booked_by == client_id, Booking.state == State.HELD.value, Booking.held_for == "booking", Booking.lapses_at > now)
    # A series is one hold, however many dates it has.
    held = func.count(func.distinct(func.coalesce(-Booking.series_id, Booking.id)))
    if db.session.execute(select(held).where(*own)).scalar_one() >= MOST_HOLDS:
        raise TooManyHolds(extra={"limit": MOST_HOLDS})


def require_room(client_id: int, *, kind: str, state: State, now: datetime) -> None:
    """TooManyOpen when a booking of this kind would be one too many. The caller holds the client's lock, so that parallel requests count each other.

    A session that is confirmed at once leaves nothing open, and is never counted.
    """
    if state is State.CONFIRMED and kind != "consultation":
        return
    waits = and_(Booking.state == State.REQUESTED.value, Booking.lapses_at > now)
    lies_ahead = and_(Booking.state == State.CONFIRMED.value, Booking.kind == "consultation", Booking.starts_at > now)
    mine = Booking.participants.any(BookingParticipant.person_id == client_id)
    # A series is one request, however many dates it has.
    open_now = func.count(func.distinct(func.coalesce(-Booking.series_id, Booking.id)))
    if db.session.execute(select(open_now).where(mine, or_(waits, lies_ahead))).scalar_one() >= MOST_OPEN:
        raise TooManyOpen(extra={"limit": MOST_OPEN})
