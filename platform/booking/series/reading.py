"""A series as one of its people may see it."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import selectinload

from booking.models import Booking, BookingParticipant
from booking.reading import BookingShown, dates_shown
from booking.series.models import Series
from core.db import db
from core.errors import NotFound


@dataclass(frozen=True, slots=True)
class SeriesShown:
    """The rhythm and what became of each date."""

    public_id: uuid.UUID
    every_weeks: int
    wall_start: str
    zone: str
    minutes: int
    created_at: datetime
    paused_at: datetime | None
    dates: Sequence[BookingShown]


def series_named(public_id: uuid.UUID, *, person_id: int) -> Series:
    """NotFound when it is not this person's."""
    attends = exists().where(Booking.series_id == Series.id, Booking.participants.any(BookingParticipant.person_id == person_id))
    wanted = select(Series).where(Series.public_id == public_id, or_(Series.therapist_id == person_id, attends))
    series = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if series is None:
        raise NotFound
    return series


def series_dates(series_id: int) -> Sequence[Booking]:
    """Its bookings with those who attend, in the order of the rhythm, for reading only."""
    wanted = select(Booking).where(Booking.series_id == series_id).order_by(Booking.series_position).options(selectinload(Booking.participants))
    return db.session.execute(wanted.execution_options(populate_existing=True)).scalars().all()


def show_series(public_id: uuid.UUID, *, person_id: int, now: datetime) -> SeriesShown:
    """The series with its dates; NotFound when it is not this person's."""
    series = series_named(public_id, person_id=person_id)
    dates = dates_shown(series.id, person_id=person_id, now=now)
    rhythm = series.every_weeks, series.wall_start, series.zone, series.minutes
    return SeriesShown(series.public_id, *rhythm, series.created_at, series.paused_at, dates)
