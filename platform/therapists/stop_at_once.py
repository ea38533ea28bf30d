"""A therapist cannot work on from one moment to the next: suspension, death, incapacity. Nothing new from now on; what is booked goes to the desk.

The stop of a person closes every door by a platform hold. Where a register has spoken against somebody, the doors are closed by that, and open by that: the
stop then only brings their bookings to the desk, writes to nobody but their clients, and ends with the register's word. Lifting restores exactly what was.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, Forbidden, NotFound
from core.http import cursor_of, key_of
from desk.cases import dismiss_cases_about, open_case, open_case_about
from therapists.executor import ask_executor
from therapists.leaving_models import STOP_KINDS, STOP_SOURCES, SuddenStop
from therapists.leaving_news import tell_of_stop
from therapists.models import Credential, Therapist
from therapists.platform_hold import begin_stop_hold, end_stop_hold
from therapists.standing import BARRING_STATES

STOP_SUBJECT = "sudden_stop"
DUE_IN = timedelta(hours=24)


class AlreadyStopped(Conflict):
    code, detail = "already_stopped", "This therapist's work has been stopped already."


class AlreadyLifted(Conflict):
    code, detail = "already_lifted", "This stop has been lifted already."


class OwnStop(Forbidden):
    code, detail = "self_approval", "Nobody decides about themselves."


@dataclass(frozen=True)
class StopPage:
    items: Sequence[SuddenStop]
    next: str | None


def stop_at_once(therapist_id: UUID, *, kind: str, source: str, by: int, now: datetime, note: str | None = None) -> SuddenStop:
    """Close every door now, bring what is booked to the desk, and ask the executor to get in touch. NotFound, OwnStop, AlreadyStopped.

    Where only a register's word stood so far, that stop becomes this one.
    """
    if kind not in STOP_KINDS or source not in STOP_SOURCES:
        raise ValueError(f"no stop of kind {kind!r} by {source!r}")
    therapist = begin_stop_hold(therapist_id, by=by, now=now, may_hold=lambda found: _may_stop(found, by))
    stop = stop_of(therapist.person_id, lock=True)
    if stop is None:
        stop = SuddenStop(public_id=uuid.uuid4(), therapist_id=therapist.person_id, stopped_at=now)
        db.session.add(stop)
    stop.kind, stop.source, stop.stopped_by, stop.holds = kind, source, by, True
    stop.note = note
    db.session.flush()
    audit.record("therapists.stopped", subject=("therapist", therapist.public_id), actor=by, reason=kind, source=source)
    ask_executor(therapist, once=f"executor:{stop.id}", now=now)
    return _begun(stop, now=now)


def lift_stop(public_id: UUID, *, by: int, now: datetime) -> SuddenStop:
    """Open the doors again as they were. NotFound, OwnStop, AlreadyLifted."""
    wanted = select(SuddenStop).where(SuddenStop.public_id == public_id).with_for_update()
    stop = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if stop is None:
        raise NotFound
    if stop.therapist_id == by:
        raise OwnStop
    if stop.lifted_at is not None:
        raise AlreadyLifted
    return _lift(stop, by=by, now=now)


def follow_register(therapist_id: int, *, by: int, now: datetime) -> None:
    """After a look at a register: stop where one now speaks against its holder, and end such a stop when none does any more. Leaves every other alone."""
    spoken = (Credential.therapist_id == therapist_id) & (Credential.restricted | Credential.state.in_(BARRING_STATES))
    is_barred = db.session.execute(select(Credential.id).where(spoken).limit(1)).first() is not None
    stop = stop_of(therapist_id, lock=True)
    if is_barred and stop is None:
        stop = SuddenStop(public_id=uuid.uuid4(), therapist_id=therapist_id, kind="suspension", source="register", holds=False, stopped_at=now, stopped_by=by)
        db.session.add(stop)
        db.session.flush()
        audit.record("therapists.stopped", subject=("sudden_stop", stop.public_id), actor=by, reason="suspension", source="register")
        _begun(stop, now=now)
    elif not is_barred and stop is not None and not stop.holds:
        _lift(stop, by=by, now=now)


def stop_of(therapist_id: int, *, lock: bool = False) -> SuddenStop | None:
    """The stop in force."""
    wanted = select(SuddenStop).where(SuddenStop.therapist_id == therapist_id, SuddenStop.lifted_at.is_(None))
    if lock:
        wanted = wanted.with_for_update()
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def stop_by_id(stop_id: int) -> SuddenStop:
    """Fresh from its row."""
    return db.session.scalars(select(SuddenStop).where(SuddenStop.id == stop_id).execution_options(populate_existing=True)).one()


def stop_named(public_id: UUID) -> SuddenStop:
    """By its name outside, whether in force or lifted; NotFound."""
    stop = db.session.scalars(select(SuddenStop).where(SuddenStop.public_id == public_id)).one_or_none()
    if stop is None:
        raise NotFound
    return stop


def stops(*, limit: int, cursor: str | None = None) -> StopPage:
    """The stops in force, the earliest first."""
    wanted = select(SuddenStop).where(SuddenStop.lifted_at.is_(None)).order_by(SuddenStop.id).limit(limit + 1)
    if cursor is not None:
        (last,) = key_of(cursor, int)
        wanted = wanted.where(SuddenStop.id > last)
    found = db.session.scalars(wanted).all()
    return StopPage(found[:limit], cursor_of(found[limit - 1].id) if len(found) > limit else None)


def subject_of(stop: SuddenStop) -> tuple[str, str]:
    return STOP_SUBJECT, str(stop.public_id)


def _may_stop(therapist: Therapist, by: int) -> None:
    if therapist.person_id == by:
        raise OwnStop
    stop = stop_of(therapist.person_id)
    if stop is not None and stop.holds:
        raise AlreadyStopped


def _begun(stop: SuddenStop, *, now: datetime) -> SuddenStop:
    if open_case_about("leaving", subject_of(stop)) is None:
        open_case("leaving", subject=subject_of(stop), person_id=stop.therapist_id, priority="urgent", due_in=DUE_IN, now=now, opened_by=stop.stopped_by)
    tell_of_stop("stopped", stop, now=now)
    return stop


def _lift(stop: SuddenStop, *, by: int, now: datetime) -> SuddenStop:
    stop.lifted_at, stop.lifted_by = now, by
    db.session.flush()
    if stop.holds:
        end_stop_hold(stop.therapist_id, by=by, now=now)
    audit.record("therapists.stop_lifted", subject=("sudden_stop", stop.public_id), actor=by)
    tell_of_stop("lifted", stop, now=now)
    dismiss_cases_about("leaving", subject_of(stop), outcome="resolved", by=by, now=now)
    return stop
