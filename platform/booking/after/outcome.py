"""After the end: a booking is completed by itself unless somebody reports otherwise; the other side may contest that; a person decides what is contested."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.advance import advance, booking_under_lock, client_ids_of, lock_booking, note_report
from booking.after.late_fee import owe
from booking.after.outcomes import COMPLETED_AFTER, CONTESTED_WITHIN, UNCLEAR, Side, contest_until, final_at, reportable, took_place
from booking.lifecycle import State, require_state
from booking.models import Booking
from booking.refusals import AlreadyReported, NotContestable, NotReportable
from care.relation import activate_care
from core.clock import now as now_of_transaction
from core.db import db
from core.errors import NotFound
from core.jobs import job, periodic
from desk.cases import dismiss_cases_about, open_case, open_case_about, owns_case_about

CASE, LOOKED_AT_WITHIN = "complaint", timedelta(hours=72)
SWEEP_AT_ONCE = 500


def report_outcome(public_id: uuid.UUID, outcome: str, *, by: int, now: datetime) -> Booking:
    """Say how it went. What took place is completed at once; what did not stands open to be contested. Whoever said it may correct it until then.

    Refusals: NotFound, BookingEnded, StepNotPossible unless confirmed, NotReportable for what this side may not say (yet, or any more), AlreadyReported
    when the other side has spoken: contest it instead.
    """
    booking = booking_under_lock(public_id, person_id=by)
    require_state(booking.stands, State.CONFIRMED)
    side = side_of(booking, by)
    if booking.outcome is not None and (booking.contested_at is not None or booking.outcome_by != by):
        raise AlreadyReported
    if outcome not in reportable(side, starts_at=booking.starts_at, ends_at=booking.ends_at, is_group=booking.is_group, now=now):
        raise NotReportable
    booking.outcome, booking.outcome_by, booking.outcome_at = outcome, by, now
    if took_place(outcome):
        return _complete(booking, by=by, now=now)
    note_report(booking, by=by, reason=outcome, now=now)
    return booking


def contest_outcome(public_id: uuid.UUID, *, by: int, now: datetime, note: str | None = None) -> Booking:
    """The other side says that it was otherwise, within 72 hours: a person at the desk looks at it, and nothing is settled until then.

    Refusals: NotFound, BookingEnded, StepNotPossible, NotContestable when nothing was reported, by oneself, or too long ago.
    """
    booking = booking_under_lock(public_id, person_id=by)
    require_state(booking.stands, State.CONFIRMED)
    if not may_contest(booking, by, now=now):
        raise NotContestable
    booking.contested_at = now
    facts = {"reported": booking.outcome, "reported_by": side_of(booking, booking.outcome_by), "contested_by": side_of(booking, by), "note": note}
    open_case(CASE, subject=_subject(booking), person_id=by, opened_by=by, due_in=LOOKED_AT_WITHIN, facts=facts, now=now)
    note_report(booking, by=by, reason="contested", now=now)
    return booking


def decide_contest(public_id: uuid.UUID, outcome: str, *, by: int, now: datetime) -> Booking:
    """Whoever owns the case says how it was, and closes it. NotFound for anybody else, and for what is not contested."""
    found = db.session.execute(select(Booking.id).where(Booking.public_id == public_id, Booking.contested_at.is_not(None))).scalar_one_or_none()
    if found is None or not owns_case_about(CASE, ("booking", str(public_id)), by=by):
        raise NotFound
    booking = lock_booking(found)
    require_state(booking.stands, State.CONFIRMED)
    dismiss_cases_about(CASE, _subject(booking), outcome="resolved", by=by, now=now)
    return _settle(booking, outcome, by=by, now=now)


def settle_booking(booking: Booking, *, now: datetime) -> bool:
    """Write down what time has settled; False when it has not. The caller holds the lock."""
    if booking.stands is not State.CONFIRMED:
        return False
    if booking.contested_at is not None:
        if open_case_about(CASE, _subject(booking)) is not None:
            return False
        _settle(booking, UNCLEAR, by=None, now=now)
        return True
    if now < final_at(booking.outcome, reported_at=booking.outcome_at, ends_at=booking.ends_at):
        return False
    _settle(booking, booking.outcome or "took_place", by=None, now=now)
    return True


def may_contest(booking: Booking, person_id: int, *, now: datetime) -> bool:
    """Whether this side may still say that a report of the other one is wrong."""
    if booking.stands is not State.CONFIRMED or booking.outcome_at is None or booking.outcome_by is None or booking.contested_at is not None:
        return False
    return side_of(booking, booking.outcome_by) != side_of(booking, person_id) and now < contest_until(booking.outcome_at)


def side_of(booking: Booking, person_id: int | None) -> Side:
    """Which side somebody is on."""
    return "therapist" if person_id == booking.therapist_id else "client"


def _settle(booking: Booking, outcome: str, *, by: int | None, now: datetime) -> Booking:
    if booking.outcome != outcome:
        booking.outcome, booking.outcome_by, booking.outcome_at = outcome, by, now
    if took_place(outcome):
        return _complete(booking, by=by, now=now)
    advance(booking, State.NO_SHOW, by=by, reason=outcome, now=now)
    if outcome == "client_absent" and not booking.is_group:
        owe(booking, reason="absent", now=now)
    return booking


def _complete(booking: Booking, *, by: int | None, now: datetime) -> Booking:
    advance(booking, State.COMPLETED, by=by, reason=booking.outcome, now=now)
    if booking.kind == "session":
        activate_care(booking.therapist_id, client_ids_of(booking), now=now)
    return booking


def _subject(booking: Booking) -> tuple[str, str]:
    return "booking", str(booking.public_id)


@job("booking.settle")
def settle(booking_id: int) -> None:
    """A session is over, and its day too."""
    settle_booking(lock_booking(booking_id), now=now_of_transaction())


@periodic("*/10 * * * *", "booking.sweep_over")
def sweep_over() -> None:
    """Find what may be settled. There is no clock for each booking: most are settled by the first sweep after their day."""
    now = now_of_transaction()
    over = select(Booking.id).where(Booking.state == State.CONFIRMED.value, Booking.ends_at <= now - COMPLETED_AFTER)
    waiting = Booking.outcome_at.is_not(None) & Booking.contested_at.is_(None) & (Booking.outcome_at > now - CONTESTED_WITHIN)
    for booking_id in db.session.execute(over.where(~waiting).order_by(Booking.ends_at).limit(SWEEP_AT_ONCE)).scalars().all():
        settle.enqueue(booking_id=booking_id)
