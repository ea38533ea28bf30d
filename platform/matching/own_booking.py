"""What somebody's answers say where they book for themselves without a list of ours: what stops a list for safety stops them too, and so does what is right
instead of a list. Wishes refuse nobody, and what was not answered says nothing.

Their newest answers are judged, what care keeps of their safety, and a guest's answers that lie open in this browser: those may be theirs, unadopted.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import and_, exists, false, or_, select

from accounts.models import Person
from care.asking import Known
from care.models import Attendance, SafetyPause, SafetyRecord
from care.own_booking import NotByThemselves, OwnBooking, SomebodyHelps
from core.access import caller
from core.db import after_refusal, db
from core.tokens import digest_of
from matching.answers import floors_of
from matching.cookie import visitor
from matching.danger import standing_gate
from matching.intake import IDLE
from matching.models import Intake
from matching.referral import Referral, referral_for
from matching.referred import bring_to_desk, is_unsafe_at_home
from matching.safety import Outcome
from matching.view import AnswersMissing, require_list
from taxonomy.vocabulary import vocabulary
from therapists.models import GROUP

# Where nobody sits beside somebody whom they may have to fear.
ALONE = frozenset({"individual", GROUP})


class WhoseAnswers(NotByThemselves):
    code = "whose_answers"
    detail = (
        "Answers to our questions lie open on this device, and they matter for what you are about to do. Please say first whose they are: at “Find a "
        "therapist” you can put them into your account, or close them here."
    )


@dataclass(frozen=True)
class Said:
    """What is known of one person: their answers, if any, and what care keeps of their safety."""

    person_id: int
    answers: Intake | None
    known: Known

    @property
    def matters(self) -> bool:
        """Whether doors would judge by it if it were somebody's own."""
        if self.answers is None:
            return False
        gate = standing_gate(self.answers, self.known)
        is_restricted = gate.crisis_help or gate.outcome not in (Outcome.PROCEED, Outcome.INCOMPLETE)
        return self.known.record is not None or is_restricted or bool(floors_of(self.answers.answers or {}, vocabulary=vocabulary()))


def judge_own_booking(own: OwnBooking) -> None:
    """Told by `care.own_booking` of who is about to book. PausedForSafety, DirectQuestions, SomebodyHelps (the desk learns of it), WhoseAnswers."""
    secret = visitor().secret if caller().person_id == own.client_id else None
    mine, *open_here = said_by(own.client_id, digest_of(secret) if secret else None, now=own.now)
    for each in (mine, *open_here):
        refuse_where_somebody_helps(each, joint=own.unit not in ALONE, tell_desk=True, now=own.now)
    if any(each.matters for each in open_here):
        raise WhoseAnswers


def refuse_where_somebody_helps(said: Said, *, joint: bool, tell_desk: bool, now: datetime) -> None:
    """PausedForSafety, DirectQuestions, SomebodyHelps. `joint`: somebody else would take part, whoever the answers say that it is for."""
    if said.answers is not None:
        with suppress(AnswersMissing):
            require_list(said.answers, now=now, known=said.known)
    held = (said.answers.answers or {}) if said.answers is not None else {}
    referral = referral_for(held, vocabulary=vocabulary(), unsafe_at_home=is_unsafe_at_home(said.known.record), joint=joint, is_minor=said.known.is_minor)
    if referral is None:
        return
    if tell_desk:
        about = said.answers.public_id if said.answers is not None else None
        after_refusal(partial(bring_to_desk, said.person_id, referral, about=about, now=now))
    raise somebody_helps(referral)


def somebody_helps(referral: Referral) -> SomebodyHelps:
    """In the words in which a list is refused: somebody else may read them at the same screen."""
    return SomebodyHelps(" ".join((referral.text, *referral.next)), extra={"next": list(referral.next)})


def said_by(person_id: int, digest: bytes | None, *, now: datetime) -> list[Said]:
    """First what is known of this person, by their newest answers; then of the guest whose answers that cookie opens now, if any. One statement."""
    newest = select(Intake.id).where(Intake.person_id == person_id).order_by(Intake.started_at.desc(), Intake.id.desc()).limit(1).scalar_subquery()
    is_open = false() if digest is None else and_(Intake.cookie_digest == digest, Intake.last_active_at > now - IDLE)
    paused = exists().where(SafetyPause.person_id == Person.id, SafetyPause.lifted_at.is_(None))
    whose = or_(Person.id == person_id, Person.id.in_(select(Intake.person_id).where(is_open)))
    answers = and_(Intake.person_id == Person.id, or_(Intake.id == newest, is_open))
    wanted = select(Person.id, Intake, SafetyRecord, paused, Attendance.age_band).outerjoin(Intake, answers)
    wanted = wanted.outerjoin(SafetyRecord, SafetyRecord.person_id == Person.id).outerjoin(Attendance, Attendance.person_id == Person.id)
    rows = db.session.execute(wanted.where(whose).execution_options(populate_existing=True)).all()
    return sorted(_said(rows), key=lambda each: each.person_id != person_id)


def _said(rows: Iterable[Any]) -> list[Said]:
    nobody: frozenset[int] = frozenset()
    return [Said(person_id, answers, Known(record, is_paused, nobody, nobody, nobody, age_band)) for person_id, answers, record, is_paused, age_band in rows]
