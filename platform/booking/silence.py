"""A therapist who leaves two requests unanswered within 30 days takes no new clients until they say that they do: people wait for these answers."""

from datetime import datetime, timedelta

from sqlalchemy import func, select

from booking.lifecycle import State
from booking.models import Booking
from core.db import db
from therapists.stopped import last_stopped, stop_for_silence

UNANSWERED = "unanswered"
MOST_UNANSWERED = 2
WITHIN = timedelta(days=30)


def mind_silence(therapist_id: int, *, now: datetime) -> None:
    """After a request went unanswered: stop new ones when it was the second. What counted once does not count again."""
    since = max(now - WITHIN, last_stopped(therapist_id) or now - WITHIN)
    # A series is one request, however many dates it has.
    unanswered = select(func.count(func.distinct(func.coalesce(-Booking.series_id, Booking.id)))).where(
        Booking.therapist_id == therapist_id,
        Booking.state == State.EXPIRED.value,
        Booking.end_reason == UNANSWERED,
        Booking.changed_at > since,
    )
    if db.session.execute(unanswered).scalar_one() >= MOST_UNANSWERED:
        stop_for_silence(therapist_id, now=now)
