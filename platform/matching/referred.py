"""A referral of one intake: asked of what is kept, brought to the desk once, and how it looks from outside."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from care.asking import Known, known_of
from care.models import SafetyRecord
from care.safety_case import tell_responders
from care.safety_record import Said
from care.under_age import REASON as MINOR
from care.under_age import is_looked_at
from core.clock import now
from desk.cases import open_case, open_case_about
from desk.kinds import SAFETY
from matching.danger import SUBJECT
from matching.models import Intake
from matching.referral import Referral, referral_for
from taxonomy.vocabulary import vocabulary

A_PERSON_WITHIN = timedelta(days=1)
UNSAFE_AT_HOME = "unsafe_at_home"
Json = dict[str, Any]


def referral_of(intake: Intake, known: Known | None = None) -> Referral | None:
    """What is right instead of a list for this intake as it stands; None when a list is."""
    known = known_of(intake.person_id, now=now()) if known is None else known
    return referral_for(intake.answers or {}, vocabulary=vocabulary(), unsafe_at_home=is_unsafe_at_home(known.record), is_minor=known.is_minor)


def is_unsafe_at_home(record: SafetyRecord | None) -> bool:
    """As the person has ever said, here or elsewhere."""
    return UNSAFE_AT_HOME in Said(record).told


def bring_to_desk(person_id: int, referral: Referral, *, about: uuid.UUID | None, now: datetime) -> None:
    """One open case for a person to look at, however often a list is asked for, with what stood in the way last; none where nobody has to. That somebody is
    under 18 stays with it. `about`: the answers that led to it.
    """
    if referral.desk == SAFETY:
        tell_responders(person_id, "asked_for_help", [f"asked_for_list_{referral.code}"], now=now)
    elif referral.desk is not None and about is not None:
        subject = (SUBJECT, str(about))
        case = open_case_about(referral.desk, subject)
        if case is not None and (case.facts or {}).get("reason") not in (MINOR, referral.code):
            case.facts = {**(case.facts or {}), "reason": referral.code}
        elif case is None and not (referral.code == MINOR and is_looked_at(person_id)):
            open_case(referral.desk, subject=subject, now=now, due_in=A_PERSON_WITHIN, person_id=person_id, facts={"reason": referral.code})


def referral_json(referral: Referral | None) -> Json | None:
    """Ready for `schemas.ReferralSchema`."""
    if referral is None:
        return None
    return {
        "code": referral.code,
        "reason": referral.text,
        "next": list(referral.next),
        "services": [{"name": each.name, "how": each.how} for each in referral.services],
        "a_person_helps": referral.desk is not None,
    }
