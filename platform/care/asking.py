"""What care knows of one person that shapes a list for them, in one statement; by the conditions that the doors ask by."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Select, bindparam, exists, func, select, true

from care.conflicts import in_force
from care.models import HIDING, REFUSING, Attendance, CareRelation, Conflict, SafetyPause, SafetyRecord
from care.under_age import is_adult
from core.db import UtcInstant
from core.reading import Reading


@dataclass(frozen=True)
class Known:
    """`conflicts` refuse at every door, `hidden` only hides from lists, `in_care` are the therapists of a relation that has not ended. `age_band` is as the
    doors have it: an age under 18 that a person looks at stays, whatever was answered since.
    """

    record: SafetyRecord | None
    is_paused: bool
    conflicts: frozenset[int]
    hidden: frozenset[int]
    in_care: frozenset[int]
    age_band: str | None

    @property
    def is_minor(self) -> bool:
        return self.age_band is not None and not is_adult(self.age_band)


_PERSON = bindparam("person_id", type_=BigInteger)
_RECORD = ("person_id", "asked_at", "settled_at", "said_sealed", "public_id")


def _therapists(of: type[Conflict] | type[CareRelation], *conditions: ColumnElement[bool]) -> Any:
    return func.array(select(of.therapist_id).where(of.client_id == _PERSON, *conditions).scalar_subquery(), type_=BigInteger)


def _statement() -> Select[Any]:
    now: Any = bindparam("now", type_=UtcInstant)
    columns = (
        exists().where(SafetyPause.person_id == _PERSON, SafetyPause.lifted_at.is_(None)),
        _therapists(Conflict, Conflict.reason.in_(REFUSING), in_force(now)),
        _therapists(Conflict, Conflict.reason.in_(HIDING), in_force(now)),
        _therapists(CareRelation, CareRelation.state != "ended"),
        select(Attendance.age_band).where(Attendance.person_id == _PERSON).scalar_subquery(),
    )
    one = select(true().label("there")).subquery()
    record = [getattr(SafetyRecord, name) for name in _RECORD]
    return select(*columns, *record).select_from(one.outerjoin(SafetyRecord, SafetyRecord.person_id == _PERSON))


_KNOWN = Reading(_statement())


def known_of(person_id: int, *, now: datetime) -> Known:
    """As it stands now."""
    ((is_paused, conflicts, hidden, in_care, age_band, *record),) = _KNOWN.tuples({"person_id": person_id, "now": now})
    held = dict(zip(_RECORD, record, strict=True))
    found = SafetyRecord(**held) if held["person_id"] is not None else None
    return Known(found, is_paused, _set(conflicts), _set(hidden), _set(in_care), age_band)


def _set(ids: Collection[int]) -> frozenset[int]:
    return frozenset(ids)
