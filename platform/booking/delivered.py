"""The time of completed sessions. Consultations are no therapy and do not count."""

from sqlalchemy import ColumnElement, func, select

from booking.models import Booking
from core.db import db

MINUTES: ColumnElement[int] = func.coalesce(func.sum(func.extract("epoch", Booking.ends_at - Booking.starts_at) / 60), 0)
COUNTED = (Booking.state == "completed", Booking.kind == "session")


def minutes_delivered(therapist_id: int) -> int:
    """Of one therapist."""
    return int(db.session.scalar(select(MINUTES).where(Booking.therapist_id == therapist_id, *COUNTED)) or 0)
