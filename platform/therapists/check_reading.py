"""A required check as a verifier reads it: with its therapist and everything that was recorded."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from core.db import db
from core.errors import NotFound
from therapists.check_models import PracticeCheck, PracticeCheckRecord


def check_to_verify(public_id: UUID) -> tuple[PracticeCheck, list[PracticeCheckRecord]]:
    """The check and its records, the oldest first; NotFound for an unknown one."""
    wanted = select(PracticeCheck).where(PracticeCheck.public_id == public_id).options(joinedload(PracticeCheck.therapist))
    check = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if check is None:
        raise NotFound
    theirs = PracticeCheckRecord.therapist_id == check.therapist_id, PracticeCheckRecord.kind == check.kind
    return check, list(db.session.scalars(select(PracticeCheckRecord).where(*theirs).order_by(PracticeCheckRecord.id)))
