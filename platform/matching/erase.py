"""Answers, and lists made from them, go with the account, whether or not a consent was still in force; and what a therapist stated at the time of lists."""

from datetime import datetime

from sqlalchemy import delete

from core.db import db
from matching.models import CandidateFacts, Intake


def erase_answers(person_id: int, now: datetime) -> None:  # noqa: ARG001 the signature is `accounts.erase.Eraser`
    db.session.execute(delete(Intake).where(Intake.person_id == person_id))
    db.session.execute(delete(CandidateFacts).where(CandidateFacts.therapist_id == person_id))
