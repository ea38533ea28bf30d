"""What is asked before somebody books for themselves with a therapist with whom they are not in care yet: whether a person has to look at it with them first.

Somebody under 18 is helped by a person. Whoever knows more of a person than care does (their answers) subscribes; `app/connections.py` is the list. What
therapists propose, and whom they invite, is theirs to say and not asked here.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import exists, select

from accounts.models import Person
from care.attendance import state_age_band
from care.models import Attendance, CareRelation, SafetyPause
from care.relation import IN_CARE
from care.under_age import is_adult, is_looked_at, open_minors_case
from core.db import after_refusal, db
from core.errors import Conflict


class NotByThemselves(Conflict):
    """Whatever keeps somebody from booking by themselves with somebody new to them: it says nothing against a therapist whom they know."""


class SomebodyHelps(NotByThemselves):
    """Says nothing of the reason to whoever reads along."""

    code = "somebody_helps"
    detail = (
        "Here a person looks at it with you first. At “Find a therapist” you can say how to reach you, and somebody reads it when they are at the desk. "
        "If it cannot wait, a family doctor can help you find somebody."
    )


@dataclass(frozen=True, slots=True)
class OwnBooking:
    """`client_id` is about to book a service for `unit` (as of `therapists.models.Service`) with somebody new to them."""

    client_id: int
    unit: str
    now: datetime


Check = Callable[[OwnBooking], None]
_checks: list[Check] = []


def before_own_booking(check: Check) -> None:
    """`check` raises what stands in the way, as NotByThemselves. Connecting twice changes nothing."""
    if check not in _checks:
        _checks.append(check)


def require_own_booking(therapist_id: int, client_ids: Collection[int], *, by: int | None, unit: str, now: datetime) -> None:
    """SomebodyHelps where a person has to look at it first, and whatever the checks raise. Nothing is asked of what somebody else books for them, nor where
    one of them is in care with this therapist. Somebody paused for safety is left to `doors`, which refuse them.

    Stands in front of `doors.require_may_treat`: what a person helps with says nothing about any therapist. One statement, and those of the checks.
    """
    if by is None or by not in client_ids:
        return
    related = exists().where(CareRelation.client_id == Person.id, CareRelation.therapist_id == therapist_id, CareRelation.state.in_(IN_CARE))
    paused = exists().where(SafetyPause.person_id == Person.id, SafetyPause.lifted_at.is_(None))
    known = select(Person.id, Attendance.age_band, related, paused).outerjoin(Attendance, Attendance.person_id == Person.id)
    people = db.session.execute(known.where(Person.id.in_(client_ids)).order_by(Person.id)).all()
    if any(is_related or is_paused for _, _, is_related, is_paused in people):
        return
    for person_id, age_band, _, _ in people:
        if age_band is not None:
            require_adult(person_id, age_band, now=now)
    for check in _checks:
        check(OwnBooking(by, unit, now))


def require_adult(person_id: int, age_band: str, *, now: datetime) -> None:
    """SomebodyHelps for somebody who says that they are under 18: that stays said, and a person looks at it, although what they wanted is rolled back."""
    if not is_adult(age_band):
        after_refusal(partial(bring_minor_to_desk, person_id, age_band, now=now))
        raise SomebodyHelps


def bring_minor_to_desk(person_id: int, age_band: str, *, now: datetime) -> None:
    """Keep the age they stated, and open one case for a person to look at, however often they ask."""
    state_age_band(person_id, age_band, now=now)
    open_minors_case(person_id, now=now)


def restate_own_age_band(person_id: int, age_band: str, *, now: datetime) -> Attendance:
    """SomebodyHelps while a person looks at the age that was stated before; then it can be stated anew."""
    if is_adult(age_band) and is_looked_at(person_id):
        raise SomebodyHelps
    return state_age_band(person_id, age_band, now=now)
