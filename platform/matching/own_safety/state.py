"""What a person sees and does about their own safety question or pause: where it stands, the help there is now, answering it, "I answered by mistake".

For guests by the cookie of their intake, for others by their account. Nothing here promises contact that nobody is on duty to give.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any, Literal, TypeAlias

from sqlalchemy import select

from care.nearby_help import crisis_help_for
from care.pause import is_paused
from care.places import place_of
from care.safety_case import tell_responders
from care.safety_record import Said, record_for_change, record_of
from core import audit
from core.db import db
from core.errors import Conflict
from matching.answers import is_joint, safety_answers
from matching.danger import gate_of, heard, keep_answers, settle_person
from matching.intake import Visitor, current_intake, newest_intake_of
from matching.models import Intake
from matching.safety import DIRECT_QUESTIONS, QUESTIONS, Gate, SafetyAnswers, gate

State: TypeAlias = Literal["open", "question", "paused", "restricted"]
WORDS: dict[State, str] = {
    "open": "Nothing is paused.",
    "question": "Something you wrote or answered makes us ask you directly. Until you answer, requests and bookings stand still.",
    "paused": "Requests and bookings are paused until somebody has spoken with you.",
    "restricted": "Lists show therapists with a special, checked competence who have time within a week.",
}
ASKED = {"thoughts": QUESTIONS["thoughts"], **DIRECT_QUESTIONS}


class NothingPaused(Conflict):
    code, detail = "not_paused", "Nothing is paused, so nothing needs to be put right."


@dataclass(frozen=True)
class OwnSafety:
    """`ask`: names of the questions that are open; `crisis_help` comes first wherever this is shown."""

    state: State
    text: str
    ask: tuple[str, ...]
    said_mistake: bool
    crisis_help: dict[str, Any]


def person_of(visitor: Visitor, *, now: datetime) -> int:
    """Who asks. NotFound for somebody who is neither signed in nor has an intake in this browser."""
    return visitor.person_id if visitor.person_id is not None else current_intake(visitor, now=now).person_id


def own_safety(person_id: int, *, now: datetime) -> OwnSafety:
    record, paused = record_of(person_id), is_paused(person_id)
    intake = newest_intake_of(person_id)
    ask: tuple[str, ...] = ()
    if paused and record is not None and record.asked_at is not None:
        ask = _gate(intake, SafetyAnswers(**Said(record).answers), person_id).ask
    state: State = "question" if ask else "paused" if paused else "restricted" if Said(record).thoughts else "open"
    return OwnSafety(state, WORDS[state], ask, Said(record).said_mistake, crisis_help_for(_place(person_id, intake, now=now), on=now.date()))


def answer_question(person_id: int, given: dict[str, str], *, now: datetime) -> OwnSafety:
    """Answer the plain question, or the direct ones that follow it; also unasked. What was answered before it came up does not count as its answer.

    The answers stand in the person's intakes too, so that nobody has to say it twice.
    """
    record = record_for_change(person_id)
    answers = {**Said(record).answers, **given}
    Said(record).change(answers=answers)
    for intake in db.session.scalars(select(Intake).where(Intake.person_id == person_id).with_for_update()).all():
        intake.answers, intake.safety_answered_at = {**(intake.answers or {}), **given}, now
        intake.revision += 1
    stated = SafetyAnswers(**answers)
    keep_answers(person_id, stated)
    found, newest = _gate(newest_intake_of(person_id), stated, person_id), newest_intake_of(person_id)
    settle_person(person_id, found, is_new=True, place=_place(person_id, newest, now=now), now=now)
    db.session.flush()
    audit.record("matching.safety_answered", subject=("person", person_id))
    return own_safety(person_id, now=now)


def say_mistake(person_id: int, *, now: datetime) -> OwnSafety:
    """ "I answered by mistake": whoever works on the case reads it soon. It lifts nothing. NothingPaused without a pause."""
    if not is_paused(person_id):
        raise NothingPaused
    tell_responders(person_id, "mistake", ["answered_by_mistake"], now=now, said_mistake_at=now.isoformat())
    Said(record_for_change(person_id)).change(mistake=True)
    db.session.flush()
    audit.record("matching.mistake_said", subject=("person", person_id))
    return own_safety(person_id, now=now)


def _gate(intake: Intake | None, stated: SafetyAnswers, person_id: int) -> Gate:
    """The gate of the newest intake, with the other two questions taken as answered where they are open there: they are not what is asked here."""
    record = record_of(person_id)
    held = (intake.answers or {}) if intake is not None else {}
    if intake is not None:
        known = safety_answers(held)
        stated = replace(known, **{each.name: getattr(stated, each.name) for each in fields(stated) if getattr(stated, each.name) is not None})
        if held.get("home") is not None and held.get("others") is not None:
            return gate_of(intake, record)
    stated = replace(heard(stated, record), others=stated.others or "no", home=stated.home or "no")
    return gate(stated, joint=is_joint(held) if held.get("for_whom") else False, raised=Said(record).raised is not None)


def _place(person_id: int, intake: Intake | None, *, now: datetime) -> str | None:
    """Where they are now, as they last said it."""
    stated = place_of(person_id, at=now)
    return stated.jurisdiction if stated is not None else str((intake.answers or {}).get("place") or "") or None if intake is not None else None
