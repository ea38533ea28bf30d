"""Taking a questionnaire. One item of PHQ-9 is looked at by itself, whatever the sum: it raises the plain question about safety, and is never a score.

While nobody trained is on duty PHQ-8 stands in for PHQ-9. Whoever sends the ninth item all the same (they began while somebody was there) has PHQ-8 kept,
and the ninth item raises the question as it always does: what somebody said is not dropped because of the hour.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.consent import require_consent
from care.safety_question import raise_question
from core import audit
from core.db import db
from core.errors import Invalid, NotFound
from desk.safety_desk import on_duty
from progress.fit_check.answer import PURPOSE
from progress.questionnaires import Questionnaire, offered, questionnaires, version
from progress.results.models import TakenQuestionnaire
from progress.scoring import Answer, asks_about_safety, score

SUBJECT = "questionnaire"


@dataclass(frozen=True)
class Taken:
    """`asks`: the plain question is open now because of the ninth item."""

    row: TakenQuestionnaire
    asks: bool


def offered_now(*, now: datetime) -> tuple[Questionnaire, ...]:
    """What is given to people at this moment."""
    return offered(somebody_can_respond=on_duty(now=now) is not None)


def take(client_id: int, slug: str, answers: Sequence[Answer], *, now: datetime) -> Taken:
    """Keep the answers, sealed; an open one stays open. ConsentRequired; Invalid for another number of answers, or one that is not 0 to 3 or null."""
    require_consent(client_id, PURPOSE)
    given = questionnaires()[slug]
    try:
        score(given, answers)
    except ValueError as error:
        raise Invalid(errors={"answers": [f"{str(error)[0].upper()}{str(error)[1:]}."]}) from error
    kept = given if given.safety_item is None or given in offered_now(now=now) else questionnaires()["phq-8"]
    row = TakenQuestionnaire(public_id=uuid.uuid4(), client_id=client_id, taken_at=now)
    row.said = {"questionnaire": kept.slug, "version": version(), "answers": list(answers[: len(kept.items)])}
    db.session.add(row)
    db.session.flush()
    audit.record("progress.questionnaire_taken", subject=(SUBJECT, row.public_id))
    asks = asks_about_safety(given, answers)
    if asks != "no":
        raise_question(client_id, source="item_9", now=now, says_thoughts=asks == "yes")
    return Taken(row, asks != "no")


def delete_result(result_id: uuid.UUID, *, by: int) -> None:
    """Away with it, for everybody. What it raised about safety stays with the person. NotFound for anybody else's."""
    row = own_result(result_id, by=by)
    audit.record("progress.questionnaire_deleted", subject=(SUBJECT, row.public_id))
    db.session.delete(row)
    db.session.flush()


def own_result(result_id: uuid.UUID, *, by: int) -> TakenQuestionnaire:
    """Locked until the transaction ends."""
    wanted = select(TakenQuestionnaire).where(TakenQuestionnaire.public_id == result_id, TakenQuestionnaire.client_id == by).with_for_update()
    row = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if row is None:
        raise NotFound
    return row
