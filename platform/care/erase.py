"""Where somebody was, how old, what they said of their safety: it goes with the account. Relations end; a therapist's own reasons stay theirs."""

from datetime import datetime

from sqlalchemy import delete, select

from care.models import HIDING, Attendance, CareRelation, Conflict, Place, ReservedPlace, SafetyPause, SafetyRecord
from care.relation import end_care
from core.db import db


def erase_care(person_id: int, now: datetime) -> None:
    for therapist_id in db.session.scalars(select(CareRelation.therapist_id).where(CareRelation.client_id == person_id, CareRelation.state != "ended")).all():
        end_care(therapist_id, person_id, reason="account_erased", now=now)
    for model in (Place, Attendance, SafetyRecord):
        db.session.execute(delete(model).where(model.person_id == person_id))
    db.session.execute(delete(SafetyPause).where(SafetyPause.person_id == person_id, SafetyPause.lifted_at.is_not(None)))
    db.session.execute(delete(ReservedPlace).where(ReservedPlace.client_id == person_id))
    db.session.execute(delete(Conflict).where(Conflict.client_id == person_id, Conflict.reason.in_(HIDING)))
