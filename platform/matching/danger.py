"""What a safety answer sets in motion: a case somebody owns, and a pause that `care` holds at every door. Runs after every change of the answers.

Nothing a person answers later takes back that they had thoughts of ending their life, and no answer lifts a pause: somebody speaks with them first.
Only the pause that stood while the direct questions were open ends with their answers.
"""

from datetime import datetime, timedelta
from typing import Any

from care.pause import is_paused, lift_after_answers, pause_for_safety
from core import audit
from core.db import db
from desk.cases import open_case, open_case_about
from desk.models import Case
from matching.answers import is_joint, safety_answers
from matching.models import Intake
from matching.safety import Gate, Outcome, SafetyAnswers, gate

DUE = {Outcome.PAUSE: timedelta(minutes=15), Outcome.ASK: timedelta(hours=1), Outcome.FOLLOW_UP: timedelta(days=1)}
PRIORITY = {Outcome.PAUSE: "urgent", Outcome.ASK: "high", Outcome.FOLLOW_UP: "high"}
SUBJECT = "intake"
# Later answers add to a case: whoever works on it reads the gravest of what was said, and all of it.
GRAVER_LAST = (Outcome.FOLLOW_UP, Outcome.ASK, Outcome.PAUSE)


def gate_of(intake: Intake) -> Gate:
    """What the answers as they stand, and what was kept of earlier ones, lead to. Says nothing about a pause that is in force."""
    held, kept = intake.answers or {}, intake.kept or {}
    stated = safety_answers(held)
    thoughts = "yes" if kept.get("thoughts") else stated.thoughts
    return gate(SafetyAnswers(thoughts, stated.others, stated.home, stated.intent, stated.plan, stated.safe_now), joint=is_joint(held))


def standing_gate(intake: Intake) -> Gate:
    """The gate as it stands now: a pause in force closes it, and a pause that somebody lifted opens it with help kept in view."""
    found = gate_of(intake)
    if found.outcome is Outcome.ASK or (found.outcome is Outcome.INCOMPLETE and intake.asked_at is not None):
        return found
    if is_paused(intake.person_id):
        return Gate(Outcome.PAUSE, crisis_help=True, reasons=found.reasons)
    if found.outcome is Outcome.PAUSE:
        return Gate(Outcome.PROCEED, crisis_help=True)
    return found


def settle_gate(intake: Intake, *, answered: str, now: datetime) -> None:
    """Write what follows from the answers. `answered` is the screen that changed: danger that was dealt with comes up again only when it is said again."""
    kept: dict[str, Any] = dict(intake.kept or {})
    if (intake.answers or {}).get("thoughts") in ("yes", "prefer_not_to_say"):
        kept["thoughts"] = True
    intake.kept = kept
    found = gate_of(intake)
    is_new = answered == "safety" or not set(found.reasons) <= set(kept.get("told", ()))
    if found.opens_case and is_new:
        _tell_somebody(intake, found, now=now)
        kept["told"] = sorted({*kept.get("told", ()), *found.reasons})
        intake.kept = kept
    _settle_pause(intake, found, is_new=is_new, now=now)


def _settle_pause(intake: Intake, found: Gate, *, is_new: bool, now: datetime) -> None:
    if found.outcome is Outcome.PAUSE and is_new:
        pause_for_safety(intake.person_id, now=now)
        intake.asked_at = None  # whatever pause is in force now ends only by a person
    elif found.outcome is Outcome.ASK and intake.asked_at is None and not is_paused(intake.person_id):
        pause_for_safety(intake.person_id, now=now)
        intake.asked_at = now
    elif found.outcome is Outcome.FOLLOW_UP and intake.asked_at is not None:
        lift_after_answers(intake.person_id, paused_at=intake.asked_at, now=now)
        intake.asked_at = None


def _tell_somebody(intake: Intake, found: Gate, *, now: datetime) -> Case:
    """One safety case for an intake; a graver answer makes it more urgent."""
    facts = {"outcome": found.outcome.value, "reasons": list(found.reasons), "place": (intake.answers or {}).get("place")}
    subject = (SUBJECT, str(intake.public_id))
    case = open_case_about("safety", subject)
    if case is None:
        due, priority = DUE[found.outcome], PRIORITY[found.outcome]
        return open_case("safety", subject=subject, now=now, due_in=due, person_id=intake.person_id, priority=priority, facts=facts)
    case.facts = _added(case.facts or {}, facts)
    case.due_at = min(case.due_at, now + DUE[found.outcome])
    if found.outcome is Outcome.PAUSE:
        case.priority = PRIORITY[found.outcome]
    db.session.flush()
    audit.record("matching.safety_answer", subject=("case", case.public_id), reason=found.outcome.value)
    return case


def _added(known: dict[str, Any], facts: dict[str, Any]) -> dict[str, Any]:
    said = {facts["outcome"], known.get("outcome")}
    gravest = [outcome.value for outcome in GRAVER_LAST if outcome in said][-1]
    return {**known, **facts, "outcome": gravest, "reasons": list(dict.fromkeys([*known.get("reasons", ()), *facts["reasons"]]))}
