"""Somebody asks for a person: a case at the desk, always, whatever else the answers say. Nothing here promises when somebody answers."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from care.safety_case import tell_responders
from care.safety_question import hear
from core import audit
from core.db import db
from core.errors import NotFound
from desk.cases import dismiss_cases_about, open_case, open_case_about
from desk.forget_facts import ASKED, KIND, forget_asked
from desk.models import Case
from matching.danger import SUBJECT, standing_gate
from matching.intake import Visitor, find_intake
from matching.models import Intake

DUE_IN = timedelta(days=1)


def ask_for_person(public_id: uuid.UUID, visitor: Visitor, *, wish: dict[str, Any], now: datetime) -> Case:
    """Open the case, or add the wish to the one that is open. When safety stands in the way, it is the safety case.

    `wish`: how to reach them, whether a message is safe, what they want to say; sealed with the case. Their words are heard as everywhere.
    """
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    intake.last_active_at = now
    hear(intake.person_id, [wish["words"]] if wish.get("words") else [], now=now)
    if standing_gate(intake).stops_booking:
        case = tell_responders(intake.person_id, "asked_for_help", (), now=now, asked_for_a_person=wish)
    else:
        case = _wish_of(intake, wish, now=now)
    audit.record("matching.person_asked_for", subject=("case", case.public_id))
    return case


def take_back(public_id: uuid.UUID, visitor: Visitor, *, now: datetime) -> None:
    """Not any more: what was said so that a guide could reach them goes at once, and a case that nobody has taken on closes. NotFound where nothing was asked.

    What is with the safety desk stays with its owner.
    """
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    subject = (SUBJECT, str(intake.public_id))
    if not forget_asked(subject):
        raise NotFound
    case = open_case_about(KIND, subject)
    if case is not None and case.owner_id is None and not case.facts:
        dismiss_cases_about(KIND, subject, outcome="taken_back", by=None, now=now)
    audit.record("matching.person_not_asked_for", subject=("intake", intake.public_id))


def _wish_of(intake: Intake, wish: dict[str, Any], *, now: datetime) -> Case:
    subject = (SUBJECT, str(intake.public_id))
    case = open_case_about(KIND, subject)
    if case is None:
        return open_case(KIND, subject=subject, now=now, due_in=DUE_IN, person_id=intake.person_id, facts={ASKED: wish})
    case.facts = {**(case.facts or {}), ASKED: wish}
    db.session.flush()
    return case
