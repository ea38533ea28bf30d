"""Somebody asks for a person: a case at the desk, always, whatever else the answers say. Nothing here promises when somebody answers."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from care.safety_case import tell_responders
from care.safety_question import hear
from core import audit
from core.db import db
from desk.cases import open_case, open_case_about
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


def _wish_of(intake: Intake, wish: dict[str, Any], *, now: datetime) -> Case:
    subject = (SUBJECT, str(intake.public_id))
    case = open_case_about("matchmaking", subject)
    if case is None:
        return open_case("matchmaking", subject=subject, now=now, due_in=DUE_IN, person_id=intake.person_id, facts={"asked_for_a_person": wish})
    case.facts = {**(case.facts or {}), "asked_for_a_person": wish}
    db.session.flush()
    return case
