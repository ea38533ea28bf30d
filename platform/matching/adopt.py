"""A guest's answers become an account's: only after signing in, and only with an explicit "these answers are mine"."""

import uuid
from datetime import datetime

from accounts.consent import move_consents
from care.adoption import adopt
from care.safety_case import tell_responders
from core import audit
from core.db import db
from core.errors import Invalid
from desk.call_backs.ask import adopt_calls
from desk.cases import open_case_about, open_case_of
from desk.kinds import SAFETY
from matching.danger import SUBJECT
from matching.intake import Visitor, find_intake, newest_intake_of, tell_care
from matching.models import Intake


def adopt_intake(public_id: uuid.UUID, visitor: Visitor, *, are_mine: bool, person_id: int, now: datetime) -> Intake:
    """Move the intake, its consent and what care knows to the account's person; the browser's cookie opens it no longer. Repeating it changes nothing.

    Other answers of the same guest stay a guest's, with all that holds for them. Invalid without the explicit statement: on a shared device somebody else's
    answers may lie open.
    """
    intake = find_intake(public_id, visitor, now=now, for_change=True)
    if intake.person_id == person_id:
        return intake
    if not are_mine:
        raise Invalid("Please say that these answers are yours.", errors={"these_answers_are_mine": ["Must be true."]})
    guest_id = intake.person_id
    intake.person_id, intake.cookie_digest, intake.adopted_at = person_id, None, now
    intake.last_active_at = now
    db.session.flush()
    has_others = newest_intake_of(guest_id) is not None
    move_consents(guest_id, person_id, keeps=has_others, now=now)
    adopt(guest_id, person_id, now=now)
    if has_others:
        tell_care(intake, now=now)
    adopt_calls(guest_id, person_id, now=now)
    safety = open_case_of(SAFETY, guest_id)
    for case in (safety, open_case_about("matchmaking", (SUBJECT, str(intake.public_id)))):
        if case is not None:
            # Whoever works on it lifts the pause of the person who books.
            case.person_id = person_id
    db.session.flush()
    if has_others and safety is not None:
        known = safety.facts or {}
        tell_responders(guest_id, known.get("outcome", "asked_for_help"), known.get("reasons", ()), now=now, was_together_with=str(safety.public_id))
    audit.record("matching.intake_adopted", subject=("intake", intake.public_id))
    return intake
