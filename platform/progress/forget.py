"""What somebody answered goes away when they withdraw their consent: for them, and for whoever they had let read it."""

from datetime import datetime

from sqlalchemy import delete

from core.db import db
from progress.fit_check.answer import PURPOSE
from progress.fit_check.models import FitCheck
from progress.results.models import TakenQuestionnaire


def forget_when_withdrawn(person_id: int, purpose: str, now: datetime) -> None:  # noqa: ARG001 the signature is `accounts.consent.OnWithdrawal`
    """Told by accounts, in the transaction of the withdrawal. Cases that somebody works on stay with their owners."""
    if purpose == PURPOSE:
        for model in (FitCheck, TakenQuestionnaire):
            db.session.execute(delete(model).where(model.client_id == person_id))
