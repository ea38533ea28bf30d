"""What a therapist's leaving means for what is booked with them: a list for the desk at once, and what takes locks a moment later, as jobs.

The jobs look again under the therapist's lock: a booking that was being made while the doors closed is found then.
"""

from datetime import datetime, timedelta

from booking.advance import lock_booking
from booking.affected.listed import LIVE_STATES, Cause, keep_affected, list_affected, unresolved_of
from booking.affected.models import AffectedBooking
from booking.affected.resolve import close_when_resolved, reason_for
from booking.cancel_as_platform import cancel_as_platform
from booking.lifecycle import State
from booking.models import Booking
from core.clock import now as now_of_transaction
from core.db import db, lock_persons
from core.jobs import job
from desk.cases import bring_forward, dismiss_cases_about, open_case, open_case_about
from therapists.leaving import leave_by_id, leave_of
from therapists.leaving_models import PlannedLeave, SuddenStop
from therapists.stop_at_once import stop_by_id, stop_named

DUE_IN = timedelta(days=7)
WAITING = (State.HELD.value, State.REQUESTED.value)


def list_for_desk(leave: PlannedLeave, now: datetime) -> None:
    """What lies beyond the last day."""
    _list_leave(leave, now=now)
    follow_leave.enqueue(leave_id=leave.id)


def keep_after_all(leave: PlannedLeave, now: datetime) -> None:
    """The leave was called off."""
    keep_affected(_of_leave(leave), by=leave.therapist_id, now=now)
    dismiss_cases_about("leaving", _of_leave(leave).subject, outcome="not_needed", by=None, now=now)


def call_off_the_rest(leave: PlannedLeave, now: datetime) -> None:  # noqa: ARG001 the signature of such news
    """The last day is over: what nobody has settled cannot take place either."""
    follow_end.enqueue(leave_id=leave.id)


def bring_to_desk(stop: SuddenStop, now: datetime) -> None:
    """Everything that is booked from now on; the clock of the case runs out before the first of it."""
    _list_stop(stop, now=now)
    follow_stop.enqueue(stop_id=stop.id)


def keep_when_lifted(stop: SuddenStop, now: datetime) -> None:
    """What was not called off stands as it was."""
    keep_affected(_of_stop(stop), by=stop.lifted_by, now=now)


@job("booking.follow_leave")
def follow_leave(leave_id: int) -> None:
    """Look again, under the lock."""
    leave = leave_by_id(leave_id)
    lock_persons(leave.therapist_id)
    if leave_by_id(leave_id).called_off_at is None:
        _list_leave(leave, now=now_of_transaction())


@job("booking.follow_end")
def follow_end(leave_id: int) -> None:
    """Call off what still stands beyond the last day."""
    leave = leave_by_id(leave_id)
    _list_leave(leave, now=now_of_transaction())
    for row in unresolved_of(_of_leave(leave)):
        call_off.enqueue(affected_id=row.id)


@job("booking.follow_stop")
def follow_stop(stop_id: int) -> None:
    """Look again, under the lock; and end what only waits for an answer, with a neutral word, where the platform keeps the doors closed."""
    lock_persons(stop_by_id(stop_id).therapist_id)
    stop, now = stop_by_id(stop_id), now_of_transaction()
    if stop.lifted_at is not None:
        return
    _list_stop(stop, now=now)
    for row in unresolved_of(_of_stop(stop)):
        if stop.holds and row.booking.state in WAITING:
            call_off.enqueue(affected_id=row.id)


@job("booking.call_off")
def call_off(affected_id: int) -> None:
    """One booking, under the locks of its people and of nobody else, if its cause still stands: see the two above."""
    row = db.session.get_one(AffectedBooking, affected_id)
    cause, booking, now = Cause(row.cause, row.cause_id), lock_booking(row.booking_id), now_of_transaction()
    db.session.refresh(row, with_for_update=True)
    if row.resolution is not None or not _cannot_be(cause, booking, now=now):
        return
    cancel_as_platform(booking, reason=reason_for(cause), now=now)
    row.resolution, row.resolved_at = "cancelled", now
    db.session.flush()
    close_when_resolved(cause, by=None, now=now)


def _cannot_be(cause: Cause, booking: Booking, *, now: datetime) -> bool:
    if cause.kind == "sudden_stop":
        stop = stop_named(cause.id)
        return stop.holds and stop.lifted_at is None and booking.state in WAITING
    leave = leave_of(booking.therapist_id)
    return leave is not None and leave.ends_at <= min(now, booking.starts_at) and booking.state in LIVE_STATES


def _of_leave(leave: PlannedLeave) -> Cause:
    return Cause("planned_leave", leave.public_id)


def _of_stop(stop: SuddenStop) -> Cause:
    return Cause("sudden_stop", stop.public_id)


def _list_leave(leave: PlannedLeave, *, now: datetime) -> None:
    cause = _of_leave(leave)
    if list_affected(cause, leave.therapist_id, since=leave.ends_at, now=now) and open_case_about("leaving", cause.subject) is None:
        open_case("leaving", subject=cause.subject, person_id=leave.therapist_id, due_in=DUE_IN, now=now)


def _list_stop(stop: SuddenStop, *, now: datetime) -> None:
    cause = _of_stop(stop)
    list_affected(cause, stop.therapist_id, since=stop.stopped_at, now=now)
    if waiting := unresolved_of(cause):
        bring_forward("leaving", cause.subject, to=max(now, waiting[0].booking.starts_at))
