"""What a safety answer sets in motion: a case somebody owns, and a pause that `care` holds at every door. Runs after every change of the answers.

Nothing a person answers later takes back that they had thoughts of ending their life, in this intake or another, and no answer lifts a pause: somebody
speaks with them first. Only the pause that stood while a question was open ends with its answer.
"""

from dataclasses import replace
from datetime import datetime

from care.asking import Known
from care.eligibility import RISK_COMPETENCE
from care.models import SafetyRecord
from care.pause import is_paused, lift_after_answers, pause_for_safety
from care.safety_case import tell_responders
from care.safety_record import Said, record_for_change, record_of
from matching.answers import is_joint, safety_answers
from matching.models import Intake
from matching.safety import DIRECT_QUESTIONS, FOLLOW_UP_WITHIN_DAYS, Gate, Outcome, SafetyAnswers, gate

SUBJECT = "intake"
OUT_LOUD = ("yes", "prefer_not_to_say")


def gate_of(intake: Intake, record: SafetyRecord | None) -> Gate:
    """What the answers as they stand, and what is kept of the person, lead to. Says nothing about a pause that is in force."""
    held = intake.answers or {}
    found = gate(heard(safety_answers(held), record), joint=is_joint(held), raised=Said(record).raised is not None)
    return Gate(Outcome.PROCEED, crisis_help=True) if found.opens_case and _is_settled(found, intake, record) else found


def standing_gate(intake: Intake, known: Known | None = None) -> Gate:
    """The gate as it stands now: a pause in force closes it; a pause that somebody lifted opens it with help in view, and with what still restricts."""
    record = record_of(intake.person_id) if known is None else known.record
    found = gate_of(intake, record)
    if found.outcome is Outcome.ASK or (found.outcome is Outcome.INCOMPLETE and record is not None and record.asked_at is not None):
        return found
    if is_paused(intake.person_id) if known is None else known.is_paused:
        return Gate(Outcome.PAUSE, crisis_help=True, reasons=found.reasons)
    if found.outcome is not Outcome.PAUSE:
        return found
    if Said(record).thoughts:
        return Gate(Outcome.FOLLOW_UP, crisis_help=True, reasons=found.reasons, needs=RISK_COMPETENCE, within_days=FOLLOW_UP_WITHIN_DAYS)
    return Gate(Outcome.PROCEED, crisis_help=True)


def settle_gate(intake: Intake, *, answered: str, now: datetime) -> None:
    """Write what follows from the answers. `answered` is the screen that changed: danger that was dealt with comes up again only when it is said again."""
    record = record_of(intake.person_id)
    stated = safety_answers(intake.answers or {})
    if answered == "safety":
        intake.safety_answered_at = now
        record = keep_answers(intake.person_id, stated)
    found = gate_of(intake, record)
    place = (intake.answers or {}).get("place")
    settle_person(intake.person_id, found, is_new=answered == "safety" or not set(found.reasons) <= Said(record).told, place=place, now=now)


def keep_answers(person_id: int, stated: SafetyAnswers) -> SafetyRecord | None:
    """Keep what no later answer takes back, and close the question that was raised if this answers it. None: nothing is there to keep."""
    record = record_of(person_id)
    if record is None and stated.thoughts not in OUT_LOUD:
        return None
    record = record_for_change(person_id)
    said = Said(record)
    thoughts = said.thoughts or stated.thoughts in OUT_LOUD
    answered = all(getattr(stated, name) is not None for name in DIRECT_QUESTIONS) if thoughts else stated.thoughts is not None
    said.change(thoughts=thoughts or None, raised=None if answered or stated.thoughts in OUT_LOUD else said.raised)
    return record


def heard(stated: SafetyAnswers, record: SafetyRecord | None) -> SafetyAnswers:
    """The answers as they count: what was answered before a question came up again does not answer it, and thoughts are not taken back."""
    said = Said(record)
    if said.raised:
        stated = SafetyAnswers(others=stated.others, home=stated.home)
    return replace(stated, thoughts="yes") if said.thoughts else stated


def settle_person(person_id: int, found: Gate, *, is_new: bool, place: str | None, now: datetime) -> None:
    """Tell somebody trained, pause, or end the pause of a question that is answered now."""
    if found.opens_case and is_new:
        tell_responders(person_id, found.outcome.value, found.reasons, now=now, place=place)
        said = Said(record_for_change(person_id))
        said.change(told=sorted(said.told | set(found.reasons)))
    if found.outcome is Outcome.PAUSE and is_new:
        pause_for_safety(person_id, now=now)
        record_for_change(person_id).asked_at = None  # whatever pause is in force now ends only by a person
    elif found.outcome is Outcome.ASK and not is_paused(person_id):
        # Somebody who lifted the pause of an open question has spoken with them; the question alone does not begin it anew.
        record = record_for_change(person_id)
        if record.asked_at is None:
            pause_for_safety(person_id, now=now)
            record.asked_at = now
    elif found.outcome in (Outcome.FOLLOW_UP, Outcome.PROCEED):
        _end_of_question(person_id, now=now)


def _end_of_question(person_id: int, *, now: datetime) -> None:
    record = record_of(person_id)
    if record is not None and record.asked_at is not None:
        lift_after_answers(person_id, paused_at=record.asked_at, now=now)
        record.asked_at = None


def _is_settled(found: Gate, intake: Intake, record: SafetyRecord | None) -> bool:
    """Whether somebody trained has dealt with exactly these answers: nothing was said since, and nothing new follows from them."""
    if record is None or record.settled_at is None or Said(record).raised or intake.safety_answered_at is None:
        return False
    return intake.safety_answered_at <= record.settled_at and set(found.reasons) <= Said(record).told
