"""What decides, beyond the place, who may treat a person: their age band, and needs that ask for a checked special competence."""

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select

from care.models import Attendance
from care.under_age import is_adult, is_looked_at
from core.db import db
from core.errors import Invalid
from taxonomy.vocabulary import vocabulary


def record_attendance(person_id: int, *, age_band: str, needs: Collection[str], now: datetime) -> Attendance:
    """State or restate it; the last statement counts, but for an age under 18 that a person is looking at. `needs` are concern slugs, sealed at rest."""
    unknown = sorted(set(needs) - set(vocabulary().concerns))
    if age_band not in vocabulary().facets["age_bands"]:
        raise Invalid(errors={"age_band": ["Not a word of our vocabulary; see /api/v1/taxonomy."]})
    if unknown:
        raise Invalid(errors={"needs": ["Not a word of our vocabulary; see /api/v1/taxonomy."]})
    attendance = db.session.get(Attendance, person_id, populate_existing=True)
    if attendance is None:
        attendance = Attendance(person_id=person_id, public_id=uuid.uuid4())
        db.session.add(attendance)
    elif not is_adult(attendance.age_band) and is_adult(age_band) and is_looked_at(person_id):
        age_band = attendance.age_band
    attendance.age_band, attendance.stated_at = age_band, now
    attendance.needs = sorted(set(needs))
    db.session.flush()
    return attendance


def state_age_band(person_id: int, age_band: str, *, now: datetime) -> Attendance:
    """The age band alone; what they need stays as it was stated."""
    held = attendances_of([person_id]).get(person_id)
    return record_attendance(person_id, age_band=age_band, needs=(held.needs if held else None) or (), now=now)


def restate_needs(needs_of: Mapping[int, Collection[str]]) -> None:
    """What these people need, now that some of their answers went: it came from those. The age band stays, because bookings are judged by it."""
    for person_id, attendance in attendances_of(needs_of).items():
        attendance.needs = sorted(set(needs_of[person_id]))
    db.session.flush()


def attendances_of(person_ids: Collection[int]) -> dict[int, Attendance]:
    """One query for many people. Somebody who stated nothing is missing from the answer."""
    if not person_ids:
        return {}
    wanted = select(Attendance).where(Attendance.person_id.in_(person_ids)).execution_options(populate_existing=True)
    return {attendance.person_id: attendance for attendance in db.session.scalars(wanted)}
