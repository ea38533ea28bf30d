"""What is kept of what a person said about their safety, whichever intake or text it was said in. Never a score: only what was said, and what is still open.

Nothing a person answers later takes back that they had thoughts of ending their life: the restriction that follows (a checked competence, an opening within
a week) is theirs, not an intake's, and ends only by somebody trained who has spoken with them.
"""

import uuid
from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from care.eligibility import RISK_COMPETENCE
from care.models import SafetyRecord
from core.db import db

# What raises the question again: words in a text, or the ninth item of PHQ-9.
SOURCES = ("words", "item_9")


class Said:
    """The sealed part, read and written by name.

    `thoughts`: they said, or would not rule out, that they have thoughts of ending their life. `raised`: what raised the question that is open, if any.
    `told`: reasons about which somebody trained knows already. `answers`: what they answered
    outside of an intake. `mistake`: they told us that they had answered by mistake.
    """

    def __init__(self, record: SafetyRecord | None) -> None:
        self._record = record
        self._held: dict[str, Any] = dict((record.said or {}) if record is not None else {})

    @property
    def thoughts(self) -> bool:
        return bool(self._held.get("thoughts"))

    @property
    def raised(self) -> str | None:
        return self._held.get("raised")

    @property
    def told(self) -> frozenset[str]:
        return frozenset(self._held.get("told", ()))

    @property
    def answers(self) -> dict[str, str]:
        return dict(self._held.get("answers", {}))

    @property
    def said_mistake(self) -> bool:
        return bool(self._held.get("mistake"))

    def change(self, **changes: Any) -> None:
        """None takes a thing away."""
        assert self._record is not None, "nothing is kept of this person yet"
        self._held = {name: value for name, value in {**self._held, **changes}.items() if value is not None}
        self._record.said = self._held


def record_of(person_id: int) -> SafetyRecord | None:
    wanted = select(SafetyRecord).where(SafetyRecord.person_id == person_id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def record_for_change(person_id: int) -> SafetyRecord:
    """The row, locked until the transaction ends; made when there is none."""
    db.session.execute(insert(SafetyRecord).values(person_id=person_id, public_id=uuid.uuid4()).on_conflict_do_nothing(index_elements=["person_id"]))
    wanted = select(SafetyRecord).where(SafetyRecord.person_id == person_id).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one()


def competences_needed(person_ids: Collection[int]) -> dict[int, frozenset[str]]:
    """The checked competence that whoever treats these people must have because of what they said; one query, nobody without such a need."""
    if not person_ids:
        return {}
    found = db.session.scalars(select(SafetyRecord).where(SafetyRecord.person_id.in_(person_ids)).execution_options(populate_existing=True))
    return {record.person_id: RISK_COMPETENCE for record in found if Said(record).thoughts}


def settle(person_id: int, *, now: datetime) -> None:
    """Somebody trained has spoken with them: what was said until now restricts nothing any more. What is said from now on does."""
    record = record_for_change(person_id)
    record.settled_at, record.asked_at = now, None
    Said(record).change(thoughts=None, raised=None, answers=None, mistake=None)
    db.session.flush()


def adopt_record(from_person_id: int, to_person_id: int, *, was_paused: bool, now: datetime) -> None:
    """A guest's record becomes part of the account's. Whatever either of them restricts stays; a question open with the guest is open with the account.

    `was_paused`: the account was paused before. Only a pause that stands for an open question may end with its answer, so an older one of another kind keeps
    the question from having one.
    """
    guest = record_of(from_person_id)
    if guest is None:
        return
    said, record = Said(guest), record_for_change(to_person_id)
    own = Said(record)
    by_question = record.asked_at is not None or not was_paused
    if guest.asked_at is not None:
        record.asked_at = now if by_question else None
    elif own.raised is None:
        record.asked_at = None
    if said.thoughts:
        record.settled_at = None
    own.change(
        thoughts=(said.thoughts or own.thoughts) or None,
        raised=said.raised or own.raised,
        told=sorted(said.told | own.told),
        answers=said.answers or own.answers,
    )
    db.session.flush()
