"""When a guest signs up and says "these answers are mine", what care knows of the guest becomes the account's person's."""

from datetime import datetime

from sqlalchemy import select

from care.attendance import attendances_of, record_attendance
from care.conflicts import record_conflict
from care.models import Conflict, Place
from care.pause import is_paused, pause_for_safety
from care.safety_record import adopt_record
from core.db import db


def adopt(from_person_id: int, to_person_id: int, *, now: datetime) -> None:
    """Re-state places, attendance and conflicts for the other person. A pause goes along: nobody gets rid of it by signing up. The guest keeps theirs."""
    for place in db.session.scalars(select(Place).where(Place.person_id == from_person_id).order_by(Place.id)).all():
        facts = {name: getattr(place, name) for name in ("jurisdiction", "zone", "valid_from", "stated_at", "source")}
        db.session.add(Place(person_id=to_person_id, **facts))
    if (attendance := attendances_of([from_person_id]).get(from_person_id)) is not None:
        record_attendance(to_person_id, age_band=attendance.age_band, needs=attendance.needs or (), now=now)
    for conflict in db.session.scalars(select(Conflict).where(Conflict.client_id == from_person_id)).all():
        record_conflict(conflict.therapist_id, to_person_id, reason=conflict.reason, now=conflict.since, ends_at=conflict.ends_at)
    was_paused = is_paused(to_person_id)
    if is_paused(from_person_id):
        pause_for_safety(to_person_id, now=now)
    adopt_record(from_person_id, to_person_id, was_paused=was_paused, now=now)
    db.session.flush()
