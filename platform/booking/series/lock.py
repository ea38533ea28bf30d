"""A series and all its dates as they stand now, with everybody's locks held."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.lifecycle import State
from booking.models import Booking, Claim
from booking.refusals import AlreadyStarted
from booking.series.models import Series
from booking.series.reading import series_named
from core.db import db, lock_persons
from core.errors import NotFound


def series_under_lock(public_id: uuid.UUID, *, person_id: int) -> tuple[Series, Sequence[Booking]]:
    """With its dates in the order of the rhythm; NotFound when it is not this person's. Locks of persons come before the locks of rows, everywhere."""
    found = series_named(public_id, person_id=person_id)
    persons = select(Claim.person_id).join(Booking, Booking.id == Claim.booking_id).where(Booking.series_id == found.id).distinct()
    lock_persons(*db.session.execute(persons).scalars())
    series = series_named(public_id, person_id=person_id)
    dates = select(Booking).where(Booking.series_id == series.id).order_by(Booking.series_position).options(selectinload(Booking.participants))
    return series, db.session.execute(dates.with_for_update(of=Booking).execution_options(populate_existing=True)).scalars().all()


def following(dates: Sequence[Booking], booking_id: uuid.UUID, *, now: datetime) -> list[Booking]:
    """The named date and all after it that are confirmed and have not begun. NotFound for a date of another series, AlreadyStarted when it has begun."""
    first = next((each for each in dates if each.public_id == booking_id), None)
    if first is None or first.series_position is None:
        raise NotFound
    if first.stands is State.CONFIRMED and first.starts_at <= now:
        raise AlreadyStarted("This appointment has already begun. Choose a later one.")
    rest = [each for each in dates if each.series_position is not None and each.series_position >= first.series_position]
    return [each for each in rest if each.stands is State.CONFIRMED and each.starts_at > now]
