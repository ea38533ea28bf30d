"""A client lets their therapist read a result, and ends that."""

import uuid
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from care.relation import in_care_with
from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from progress.results.models import SharedResult
from progress.results.take import SUBJECT, own_result
from therapists.models import Therapist


class NotInCare(Conflict):
    code, detail = "not_in_care", "A result can be shared only with a therapist whose client you are."


def share_result(result_id: uuid.UUID, therapist_public_id: uuid.UUID, *, by: int, now: datetime) -> None:
    """Doing it again changes nothing. NotFound for somebody else's result, or no therapist; NotInCare."""
    row, therapist_id = own_result(result_id, by=by), _therapist(therapist_public_id)
    if therapist_id not in in_care_with([by]):
        raise NotInCare
    made = insert(SharedResult).values(taken_id=row.id, therapist_id=therapist_id, shared_at=now).on_conflict_do_nothing()
    if db.session.execute(made.returning(SharedResult.taken_id)).scalar_one_or_none() is not None:
        audit.record("progress.questionnaire_shared", subject=(SUBJECT, row.public_id), therapist=str(therapist_public_id))


def stop_sharing(result_id: uuid.UUID, therapist_public_id: uuid.UUID, *, by: int) -> None:
    """From now on they see it no more; what they have read cannot be unread. NotFound for what is not shared."""
    row, therapist_id = own_result(result_id, by=by), _therapist(therapist_public_id)
    gone = delete(SharedResult).where(SharedResult.taken_id == row.id, SharedResult.therapist_id == therapist_id)
    if db.session.execute(gone.returning(SharedResult.taken_id)).scalar_one_or_none() is None:
        raise NotFound
    audit.record("progress.questionnaire_kept_back", subject=(SUBJECT, row.public_id), therapist=str(therapist_public_id))


def _therapist(public_id: uuid.UUID) -> int:
    found = db.session.execute(select(Therapist.person_id).where(Therapist.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    return found
