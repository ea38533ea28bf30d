"""What a client takes along of questionnaires and fit checks: every answer, what it came to, and who may read it."""

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from accounts.own_data import Part, plain
from core.db import db
from progress.fit_check.models import FitCheck
from progress.questionnaires import questionnaires
from progress.results.models import SharedResult, TakenQuestionnaire
from progress.scoring import score


def taken(person_id: int) -> Part:
    shares = selectinload(TakenQuestionnaire.shares).options(joinedload(SharedResult.therapist))
    rows = db.session.scalars(select(TakenQuestionnaire).where(TakenQuestionnaire.client_id == person_id).order_by(TakenQuestionnaire.id).options(shares))
    return [
        plain(
            row,
            "public_id",
            "taken_at",
            "said",
            score=score(questionnaires()[said["questionnaire"]], said["answers"]).score if (said := row.said) else None,
            shared_with=[plain(each, "shared_at", therapist=each.therapist.display_name) for each in row.shares],
        )
        for row in rows
    ]


def fit_checks(person_id: int) -> Part:
    wanted = select(FitCheck).where(FitCheck.client_id == person_id).order_by(FitCheck.id).options(joinedload(FitCheck.therapist))
    names = ("public_id", "session_number", "answered_at", "shared_at", "said")
    return [plain(row, *names, therapist=row.therapist.display_name) for row in db.session.scalars(wanted)]
