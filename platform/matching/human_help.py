"""Somebody asks for a person: a case at the desk, always, whatever else the answers say. Nothing here promises when somebody answers."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from core import audit
from core.db import db
from desk.cases import open_case, open_case_about
from desk.models import Case
from matching.danger import SUBJECT, standing_gate
from matching.intake import Visitor, find_intake

DUE_IN = timedelta(days=1)


def ask_for_person(public_id: uuid.UUID, visitor: Visitor, *, wish: dict[str, Any], now: datetime) -> Case:
    """Open the case, or add the wish to the one that is open. When safety stands in the way, it is the safety case.

    `wish`: how to reach them, whether a message is safe, what they want to say; sealed with the case.
    """
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    intake.last_active_at = now
    kind = "safety" if standing_gate(intake).stops_booking else "matchmaking"
    subject = (SUBJECT, str(intake.public_id))
    case = open_case_about(kind, subject)
    if case is None:
        case = open_case(kind, subject=subject, now=now, due_in=DUE_IN, person_id=intake.person_id, facts={"asked_for_a_person": wish})
    else:
        case.facts = {**(case.facts or {}), "asked_for_a_person": wish}
        db.session.flush()
    audit.record("matching.person_asked_for", subject=("case", case.public_id))
    return case
