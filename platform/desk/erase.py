"""A case that somebody works on keeps an account from being erased; what was written in closed ones goes with it. Cases of money keep their figures.

Who once worked at the safety desk is no longer declared for it.
"""

from datetime import datetime

from sqlalchemy import delete, select, update

from accounts.erase import Obstacle
from core.db import db
from desk.call_backs.forget import forget
from desk.call_backs.models import CallBack
from desk.models import Case, CaseStep, SafetyDeskMember

OPEN = Obstacle("case_open", "Somebody at our desk still looks after something that you asked or told us. It has to be closed first; you can ask them to.")


def open_case_of(person_id: int, now: datetime) -> Obstacle | None:  # noqa: ARG001 the signature is `accounts.erase.FindObstacle`
    calls = select(CallBack.case_id).where(CallBack.person_id == person_id)
    waiting = select(Case.id).where(Case.person_id == person_id, Case.state != "closed", ~(Case.kind == "request") | Case.id.not_in(calls))
    return OPEN if db.session.scalars(waiting.limit(1)).first() is not None else None


def erase_words(person_id: int, now: datetime) -> None:
    for call in db.session.scalars(select(CallBack).where(CallBack.person_id == person_id, CallBack.forgotten_at.is_(None))):
        forget(call, now=now)
    words = select(Case.id).where(Case.person_id == person_id, Case.kind != "money")
    db.session.execute(update(CaseStep).where(CaseStep.case_id.in_(words)).values(note_sealed=None))
    db.session.execute(update(Case).where(Case.id.in_(words)).values(facts_sealed=None))
    db.session.execute(delete(SafetyDeskMember).where(SafetyDeskMember.person_id == person_id))
