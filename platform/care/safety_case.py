"""The case that a safety answer opens: one for each person, whatever raised it. What is said later is added, and the gravest of it counts."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from accounts.people import public_id_of
from core import audit
from core.db import db
from desk.call_backs.hand_over import hand_over_call
from desk.cases import open_case, open_case_of
from desk.kinds import PRIORITIES, SAFETY
from desk.models import Case

SUBJECT = "person"
# How soon somebody looks at it, and how pressing it is: by what the answers led to, the gravest last. No level of risk: it orders our own work.
DUE = {
    "asked_for_help": timedelta(days=1),
    "mistake": timedelta(hours=4),
    "follow_up": timedelta(days=1),
    "ask": timedelta(hours=1),
    "pause": timedelta(minutes=15),
}
PRIORITY = {"asked_for_help": "normal", "mistake": "high", "follow_up": "high", "ask": "high", "pause": "urgent"}
GRAVER_LAST = tuple(DUE)
# While these hold, nobody but those who are trained for it calls the person.
TRAINED_ONLY = frozenset({"ask", "pause"})


def tell_responders(person_id: int, outcome: str, reasons: Collection[str], *, now: datetime, **more: Any) -> Case:
    """Open the person's safety case, or add to the one that is open and bring its clock forward. `outcome` is a key of `DUE`; `more` joins the facts.

    A call that the person waits for goes along when only those who are trained for it may call.
    """
    case = _told(person_id, outcome, reasons, now=now, **more)
    if outcome in TRAINED_ONLY:
        hand_over_call(person_id, case, now=now)
    return case


def _told(person_id: int, outcome: str, reasons: Collection[str], *, now: datetime, **more: Any) -> Case:
    facts = {"outcome": outcome, "reasons": list(reasons), **more}
    case = open_case_of(SAFETY, person_id)
    if case is None:
        subject = (SUBJECT, str(public_id_of(person_id)))
        return open_case(SAFETY, subject=subject, now=now, due_in=DUE[outcome], person_id=person_id, priority=PRIORITY[outcome], facts=facts)
    case.facts = _added(case.facts or {}, facts)
    case.due_at = min(case.due_at, now + DUE[outcome])
    if PRIORITIES.index(PRIORITY[outcome]) < PRIORITIES.index(case.priority):
        case.priority = PRIORITY[outcome]
    db.session.flush()
    audit.record("care.safety_answer", subject=("case", case.public_id), reason=outcome)
    return case


def _added(known: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    gravest = max((each for each in (facts["outcome"], known.get("outcome")) if each in GRAVER_LAST), key=GRAVER_LAST.index)
    return {**known, **facts, "outcome": gravest, "reasons": list(dict.fromkeys([*known.get("reasons", ()), *facts["reasons"]]))}
