"""The acts on cases: open, claim, release, add a step, close. One owner at a time, and only the owner acts.

Whoever may not see the kind of a case is answered as if there were none. Each act locks the case's row, so two claims at once have one winner.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from core import audit
from core.clock import now as now_of_transaction
from core.db import db
from core.errors import Conflict, Forbidden, NotFound
from desk.closing import refuse_unfinished
from desk.forget_facts import ASKED
from desk.kinds import KINDS, PRIORITIES, SAFETY
from desk.models import Case, CaseStep
from desk.safety_desk import require_qualified

SPOKE = "spoke"
WITH_PEOPLE = (joinedload(Case.person), joinedload(Case.owner))


class OwnedBySomebodyElse(Conflict):
    code, detail = "owned_by_somebody_else", "Somebody else is working on this case."


class NotOwned(Conflict):
    code, detail = "not_owned", "Claim this case first: only its owner acts on it."


class OwnCase(Forbidden):
    code, detail = "own_case", "Nobody works on a case about themselves."


class CaseClosed(Conflict):
    code, detail = "case_closed", "This case is closed."


def open_case(
    kind: str,
    *,
    subject: tuple[str, str],
    now: datetime,
    due_in: timedelta,
    person_id: int | None = None,
    priority: str = "normal",
    facts: dict[str, Any] | None = None,
    opened_by: int | None = None,
) -> Case:
    """Something a person must look at before `now + due_in`. `facts` are sealed; everything else is readable in the list."""
    if kind not in KINDS or priority not in PRIORITIES:
        raise ValueError(f"no case of kind {kind!r} and priority {priority!r}")
    case = Case(
        public_id=uuid.uuid4(),
        kind=kind,
        state="open",
        priority=priority,
        subject_kind=subject[0],
        subject_id=subject[1],
        person_id=person_id,
        opened_by=opened_by,
        opened_at=now,
        due_at=now + due_in,
    )
    case.facts = facts
    db.session.add(case)
    db.session.flush()
    _step(case, "opened", by=opened_by, now=now)
    return case


def claim_case(public_id: uuid.UUID, *, by: int, kinds: Collection[str], now: datetime) -> Case:
    """Make `by` the owner. Claiming one's own case again changes nothing; OwnedBySomebodyElse when another was faster, OwnCase about oneself."""
    case = _locked(public_id, kinds)
    _refuse_closed(case)
    if case.person_id == by:
        raise OwnCase
    if case.kind == SAFETY:
        require_qualified(by, now=now)
    if case.owner_id == by:
        return case
    if case.owner_id is not None:
        raise OwnedBySomebodyElse
    case.state, case.owner_id, case.owned_at = "owned", by, now
    return _step(case, "claimed", by=by, now=now)


def release_case(public_id: uuid.UUID, *, by: int, kinds: Collection[str], now: datetime) -> Case:
    """Give the case back to the queue. Its clock runs on. Whoever may not work on it any more, as it is about them or their qualification has ended, can
    still do this and nothing else.
    """
    case = _owned(public_id, by, kinds)
    case.state, case.owner_id, case.owned_at = "open", None, None
    return _step(case, "released", by=by, now=now)


def add_step(public_id: uuid.UUID, *, action: str, by: int, kinds: Collection[str], now: datetime, note: str | None = None) -> Case:
    """Record what was done. `action` is a code, `note` is sealed."""
    return _step(owned_case(public_id, by, kinds), action, by=by, now=now, note=note)


def close_case(public_id: uuid.UUID, *, outcome: str, by: int, kinds: Collection[str], now: datetime, note: str | None = None) -> Case:
    """End the case with an outcome (a code). There is no way back: what comes later is a new case.

    Refuses as every act on a case, and for what those who know the work behind it find undone (`closing`).
    """
    case = owned_case(public_id, by, kinds)
    refuse_unfinished(case, outcome)
    case.state, case.closed_at, case.outcome = "closed", now, outcome
    return _step(case, "closed", by=by, now=now, note=note)


def dismiss_cases_about(kind: str, subject: tuple[str, str], *, outcome: str, by: int | None, now: datetime) -> None:
    """Close the cases of this kind on this subject, whoever owns them: what they were about has gone away or is settled."""
    wanted = select(Case).where(Case.kind == kind, Case.subject_kind == subject[0], Case.subject_id == subject[1], Case.state != "closed")
    for case in db.session.scalars(wanted.order_by(Case.id).with_for_update()).all():
        case.state, case.closed_at, case.outcome = "closed", now, outcome
        _step(case, "closed", by=by, now=now)


def dismiss_case(case_id: int, *, outcome: str, by: int | None, now: datetime) -> None:
    """The same of one case, if it is not closed."""
    case = db.session.get_one(Case, case_id, with_for_update=True, populate_existing=True)
    if case.state != "closed":
        case.state, case.closed_at, case.outcome = "closed", now, outcome
        _step(case, "closed", by=by, now=now)


def raise_priority(kind: str, subject: tuple[str, str], *, to: str, now: datetime) -> None:
    """Make the open cases of this kind on this subject more pressing; never less. Their owner and clock stay."""
    wanted = select(Case).where(Case.kind == kind, Case.subject_kind == subject[0], Case.subject_id == subject[1], Case.state != "closed")
    for case in db.session.scalars(wanted.order_by(Case.id).with_for_update()).all():
        if PRIORITIES.index(to) < PRIORITIES.index(case.priority):
            case.priority = to
            _step(case, "escalated", by=None, now=now)


def bring_forward(kind: str, subject: tuple[str, str], *, to: datetime) -> None:
    """Let the clock of the open cases of this kind on this subject run out sooner; never later."""
    wanted = select(Case).where(Case.kind == kind, Case.subject_kind == subject[0], Case.subject_id == subject[1], Case.state != "closed")
    for case in db.session.scalars(wanted.order_by(Case.id).with_for_update()).all():
        case.due_at = min(case.due_at, to)


def people_in_open_cases(kind: str, person_ids: Collection[int]) -> frozenset[int]:
    """Those of these people about whom a case of this kind is not closed; one query."""
    wanted = select(Case.person_id).where(Case.kind == kind, Case.state != "closed", Case.person_id.in_(person_ids))
    return frozenset(each for each in db.session.scalars(wanted) if each is not None) if person_ids else frozenset()


def open_case_about(kind: str, subject: tuple[str, str], *, lock: bool = True) -> Case | None:
    """The case of this kind on this subject that is not closed, locked until the transaction ends unless it is only looked at."""
    wanted = select(Case).where(Case.kind == kind, Case.subject_kind == subject[0], Case.subject_id == subject[1], Case.state != "closed")
    wanted = wanted.order_by(Case.id).limit(1)
    return db.session.scalars(wanted.with_for_update() if lock else wanted).first()


def was_case_about(kind: str, subject: tuple[str, str], *, person_id: int | None = None) -> bool:
    """Whether there is, or ever was, a case of this kind on this subject; with `person_id` one about that person."""
    wanted = select(Case.id).where(Case.kind == kind, Case.subject_kind == subject[0], Case.subject_id == subject[1])
    if person_id is not None:
        wanted = wanted.where(Case.person_id == person_id)
    return db.session.execute(wanted.limit(1)).first() is not None


def open_case_of(kind: str, person_id: int) -> Case | None:
    """The oldest case of this kind about this person that is not closed, locked until the transaction ends."""
    wanted = select(Case).where(Case.kind == kind, Case.person_id == person_id, Case.state != "closed").order_by(Case.id).limit(1).with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).first()


def open_cases_of(kind: str, person_id: int) -> Sequence[Case]:
    """The cases of this kind about this person that are not closed, only looked at."""
    return db.session.scalars(select(Case).where(Case.kind == kind, Case.person_id == person_id, Case.state != "closed")).all()


def owns_case_about(kind: str, subject: tuple[str, str], *, by: int) -> bool:
    """Whether this person has claimed a case of this kind on this subject and still works on it."""
    wanted = select(Case.id).where(Case.kind == kind, Case.subject_kind == subject[0], Case.subject_id == subject[1], Case.state == "owned")
    return db.session.execute(wanted.where(Case.owner_id == by).limit(1)).first() is not None


def owns_about(subject: tuple[str, str], *, by: int) -> bool:
    """Whether this person owns a case of any kind and cause on this subject and still works on it."""
    kind_or_cause = (Case.subject_kind == subject[0]) | Case.subject_kind.startswith(f"{subject[0]}:")
    wanted = select(Case.id).where(kind_or_cause, Case.subject_id == subject[1], Case.state == "owned", Case.owner_id == by)
    return db.session.execute(wanted.limit(1)).first() is not None


def read_case(public_id: uuid.UUID, *, kinds: Collection[str], by: int) -> Case:
    """One case with its steps. The reading is recorded, and that of how to reach the person, which only the owner sees (`facts_seen_by`). OwnCase about
    oneself: what colleagues wrote there is not for that person's eyes at the desk.
    """
    wanted = (
        select(Case).where(Case.public_id == public_id, Case.kind.in_(kinds)).options(*WITH_PEOPLE, selectinload(Case.steps).joinedload(CaseStep.by_person))
    )
    case = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if case is None:
        raise NotFound
    if case.person_id == by:
        raise OwnCase
    audit.record("desk.read", subject=("case", case.public_id), kind=case.kind)
    if ASKED in (facts_seen_by(case, by) or {}):
        audit.record("desk.contact_read", subject=("case", case.public_id), actor=by, kind=case.kind)
    return case


def case_in_brief(public_id: uuid.UUID) -> Case:
    """One case by its head alone, for whoever may no longer read what stands in it. Nothing is recorded. NotFound."""
    wanted = select(Case).where(Case.public_id == public_id).options(*WITH_PEOPLE)
    case = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if case is None:
        raise NotFound
    return case


def facts_seen_by(case: Case, by: int) -> dict[str, Any] | None:
    """What the case holds; how its person wants to be reached, and what they wrote with it, only for whoever has taken the case on."""
    if case.owner_id == by and case.state == "owned":
        return case.facts
    return {name: value for name, value in (case.facts or {}).items() if name != ASKED} or None


def spoke_since(case: Case, since: datetime) -> bool:
    """Whether the case holds a contact record from `since` on: that somebody spoke with the person, and in their own words what came of it."""
    wanted = select(CaseStep.id).where(CaseStep.case_id == case.id, CaseStep.action == SPOKE, CaseStep.at >= since, CaseStep.note_sealed.is_not(None))
    return db.session.execute(wanted.limit(1)).first() is not None


def _locked(public_id: uuid.UUID, kinds: Collection[str]) -> Case:
    wanted = select(Case).where(Case.public_id == public_id, Case.kind.in_(kinds)).with_for_update()
    case = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if case is None:
        raise NotFound
    return case


def owned_case(public_id: uuid.UUID, by: int, kinds: Collection[str]) -> Case:
    """The case, locked, if `by` owns it. NotFound for a kind that is not theirs, CaseClosed, NotOwned, OwnedBySomebodyElse; OwnCase about oneself;
    NotAtSafetyDesk for a safety case when they are not, or no longer, declared for that desk.
    """
    case = _owned(public_id, by, kinds)
    if case.person_id == by:
        # A guest's case becomes somebody's own when they sign in and adopt the answers, after it was claimed.
        raise OwnCase
    if case.kind == SAFETY:
        require_qualified(by, now=now_of_transaction())
    return case


def release_safety_cases_of(person_id: int, *, now: datetime) -> None:
    """Back to the queue with every safety case of somebody who leaves the safety desk."""
    wanted = select(Case).where(Case.kind == SAFETY, Case.owner_id == person_id, Case.state == "owned").order_by(Case.id).with_for_update()
    for case in db.session.scalars(wanted).all():
        case.state, case.owner_id, case.owned_at = "open", None, None
        _step(case, "released", by=None, now=now)


def _owned(public_id: uuid.UUID, by: int, kinds: Collection[str]) -> Case:
    case = _locked(public_id, kinds)
    _refuse_closed(case)
    if case.owner_id is None:
        raise NotOwned
    if case.owner_id != by:
        raise OwnedBySomebodyElse
    return case


def _refuse_closed(case: Case) -> None:
    if case.state == "closed":
        raise CaseClosed


def _step(case: Case, action: str, *, by: int | None, now: datetime, note: str | None = None) -> Case:
    step = CaseStep(public_id=uuid.uuid4(), case_id=case.id, at=now, by_person_id=by, action=action)
    step.note = note
    db.session.add(step)
    audit.record(f"desk.{action}", subject=("case", case.public_id), actor=by, kind=case.kind)
    return case
