"""Time off: when a therapist is away, on the wall clock of their schedules. The reason stays with them."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import db
from core.errors import Invalid, NotFound
from core.http import cursor_of, key_of
from therapists.models import Therapist
from therapists.profile import touch
from therapists.schedule_models import TherapistSchedule, TimeOff
from therapists.schedules import schedule_of

LONGEST = timedelta(days=366)


def add_time_off(therapist: Therapist, facts: Mapping[str, Any], *, now: datetime) -> TimeOff:
    """From `from_minute` of `first_day` to `to_minute` of `last_day`; without minutes whole dates. `schedule_id` None takes it off every schedule."""
    row = TimeOff(public_id=uuid.uuid4(), therapist_id=therapist.person_id, created_at=now)
    _set(row, therapist, facts)
    db.session.add(row)
    touch(therapist, now=now)
    return row


def change_time_off(therapist: Therapist, public_id: uuid.UUID, facts: Mapping[str, Any], *, now: datetime) -> TimeOff:
    """The same, for one that stands already; everything is replaced."""
    row = _time_off(therapist.person_id, public_id)
    _set(row, therapist, facts)
    touch(therapist, now=now)
    return row


def remove_time_off(therapist: Therapist, public_id: uuid.UUID, *, now: datetime) -> None:
    """Its hours can be booked again."""
    db.session.delete(_time_off(therapist.person_id, public_id))
    touch(therapist, now=now)


def time_off_of(therapist_id: int, *, since: date, limit: int, cursor: str | None = None) -> tuple[Sequence[TimeOff], str | None]:
    """What ends on `since` or later, in the order of its ends, and the cursor of the next page."""
    wanted = select(TimeOff).where(TimeOff.therapist_id == therapist_id, TimeOff.last_day >= since).options(joinedload(TimeOff.schedule))
    if cursor is not None:
        day, row_id = key_of(cursor, str, int)
        try:
            after = date.fromisoformat(day)
        except ValueError as error:
            raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error
        wanted = wanted.where((TimeOff.last_day > after) | ((TimeOff.last_day == after) & (TimeOff.id > row_id)))
    rows = db.session.scalars(wanted.order_by(TimeOff.last_day, TimeOff.id).limit(limit + 1)).all()
    page = rows[:limit]
    return page, cursor_of(page[-1].last_day.isoformat(), page[-1].id) if len(rows) > limit else None


def _time_off(therapist_id: int, public_id: uuid.UUID) -> TimeOff:
    found = db.session.scalars(select(TimeOff).where(TimeOff.therapist_id == therapist_id, TimeOff.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found


def _set(row: TimeOff, therapist: Therapist, facts: Mapping[str, Any]) -> None:
    first, last = facts["first_day"], facts["last_day"]
    opens, closes = facts.get("from_minute") or 0, 1440 if facts.get("to_minute") is None else facts["to_minute"]
    if last < first or (last == first and closes <= opens) or closes == 0:
        raise Invalid(errors={"last_day": ["Must end after it starts."]})
    if last - first > LONGEST:
        raise Invalid(errors={"last_day": ["At most a year at a time."]})
    schedule: TherapistSchedule | None = None if facts.get("schedule_id") is None else schedule_of(therapist, facts["schedule_id"])
    row.first_day, row.last_day, row.from_minute, row.to_minute = first, last, opens, closes
    row.schedule = schedule
    row.reason = facts.get("reason") or None
