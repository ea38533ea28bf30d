"""The one place where a booking changes its state: under its people's locks, along the transition table, with an event that tells everybody.

What happens to several dates of one series at once is told in one letter: whoever does it opens `told_together`.
"""

import uuid
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, case, select, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import selectinload

from booking.freed import tell_freed
from booking.letters import is_told, tell, what_happened
from booking.lifecycle import State, step, takes_time
from booking.models import Booking, BookingEvent, BookingParticipant, Claim, has_public_id
from booking.refusals import OpeningTaken
from booking.reminders.remind import schedule_reminders
from booking.series.letters import tell_series
from booking.series.models import Series
from booking.unanswered import close_when_answered
from care.capacity import give_back_places
from core import audit
from core.db import db, lock_persons, savepoint, sqlstate_of
from core.errors import NotFound

# Two claims of one person would overlap; two transactions would have waited for each other.
TAKEN_STATES = frozenset({"23P01", "40P01"})
_is_therapist = Claim.role == "therapist"
MOVE_CLAIMS = (
    update(Claim)
    .where(Claim.booking_id == bindparam("of_booking"))
    .values(
        blocks_from=case((_is_therapist, bindparam("block_from")), else_=bindparam("session_from")),
        blocks_to=case((_is_therapist, bindparam("block_to")), else_=bindparam("session_to")),
    )
)
# What was written about series since `told_together` was opened: by series and step, the events in order.
_together: ContextVar[dict[tuple[int, str | None, str], list[BookingEvent]] | None] = ContextVar("told_together", default=None)


@contextmanager
def told_together() -> Iterator[None]:
    """Dates of one series that take the same step inside are told in one letter, with one rise of the calendar sequence. Nothing is told after a refusal."""
    if _together.get() is not None:
        yield
        return
    steps: dict[tuple[int, str | None, str], list[BookingEvent]] = {}
    opened = _together.set(steps)
    try:
        yield
    finally:
        _together.reset(opened)
    for (series_id, _, _), events in steps.items():
        if len(events) == 1:
            tell.enqueue(event_id=events[0].id)
        else:
            tell_series.enqueue(series_id=series_id, first=events[0].id, last=events[-1].id)


def booking_under_lock(public_id: uuid.UUID, *, person_id: int) -> Booking:
    """The booking as it stands now, with everybody's locks held; NotFound when it is not this person's."""
    found = db.session.execute(select(Booking.id).where(has_public_id(public_id, person_id=person_id))).scalar_one_or_none()
    if found is None:
        raise NotFound
    return lock_booking(found)


def lock_booking(booking_id: int) -> Booking:
    """The same for work that has no caller. Locks of persons come before the lock of a row, everywhere."""
    persons = db.session.execute(select(Claim.person_id).where(Claim.booking_id == booking_id)).scalars().all()
    lock_persons(*persons)
    return lock_row(booking_id)


def lock_row(booking_id: int) -> Booking:
    """Only the row, for somebody who already holds the lock of one of its people."""
    return db.session.execute(
        select(Booking)
        .where(Booking.id == booking_id)
        .options(selectinload(Booking.participants))
        .with_for_update(of=Booking)
        .execution_options(populate_existing=True)
    ).scalar_one()


def lock_rows(which: ColumnElement[bool]) -> Sequence[Booking]:
    """The same for several, in the order of their starts."""
    wanted = select(Booking).where(which).order_by(Booking.starts_at, Booking.id).options(selectinload(Booking.participants))
    return db.session.execute(wanted.with_for_update(of=Booking).execution_options(populate_existing=True)).scalars().all()


def client_ids_of(booking: Booking) -> list[int]:
    """Who attends; the participants are loaded."""
    return [participant.person_id for participant in booking.participants]


def begin(
    begun: Sequence[tuple[Booking, Sequence[Claim]]],
    *,
    by: int | None,
    now: datetime,
    reason: str | None = None,
    passed_over: Collection[str] = (),
    person_id: int | None = None,
) -> list[Booking]:
    """Write new bookings with their claims; OpeningTaken when the database refuses one of them, and then nothing is left of any. `person_id` is the first of
    a group. As many statements as for one.
    """
    bookings = [booking for booking, _ in begun]
    try:
        with savepoint():
            db.session.add_all(bookings)
            db.session.flush()
            for booking, claims in begun:
                for claim in claims:
                    claim.booking_id = booking.id
                    db.session.add(claim)
            db.session.flush()
    except DBAPIError as error:
        if sqlstate_of(error) in TAKEN_STATES:
            raise OpeningTaken from error
        raise
    said: dict[str, Any] = {"by": by, "reason": reason, "now": now, "passed_over": passed_over, "person_id": person_id}
    _write_down([(booking, _event(booking, None, **said)) for booking in bookings], now=now)
    return bookings


def advance(
    booking: Booking,
    target: State,
    *,
    by: int | None,
    now: datetime,
    reason: str | None = None,
    lapses_at: datetime | None = None,
    requests_block: bool = True,
) -> Booking:
    """Take the step, or BookingEnded / StepNotPossible; OpeningTaken when the step takes time that somebody else has.

    `by` is None when nobody did it (a clock ran out). A hold that becomes a request says until when it waits, and whether its time is kept until then.
    The calendar sequence rises with every step but the first one that anybody is told of.
    """
    advance_all([booking], target, by=by, now=now, reason=reason, lapses_at=lapses_at, requests_block=requests_block)
    return booking


def advance_all(
    bookings: Sequence[Booking],
    target: State,
    *,
    by: int | None,
    now: datetime,
    reason: str | None = None,
    lapses_at: datetime | None = None,
    requests_block: bool = True,
) -> None:
    """The same for several of one therapist and the same clients, all or none, in as many statements as for one: the dates of a series."""
    if not bookings:
        return
    if (lapses_at is None) != (target is not State.REQUESTED):
        raise ValueError("exactly a request waits until an instant")
    steps = [(booking, booking.stands) for booking in bookings]
    for _, before in steps:
        step(before, target)
    blocks = takes_time(target, requests_block=requests_block)
    _set_claims(bookings, blocks=blocks, lapses_at=lapses_at)
    for booking, before in steps:
        booking.state, booking.changed_at, booking.lapses_at = target.value, now, lapses_at
        if before is not State.HELD or booking.held_for != "booking":
            booking.calendar_sequence += 1
        if target is State.CONFIRMED:
            booking.confirmed_at = now
        if not takes_time(target):
            booking.ended_by, booking.end_reason = by, reason
    if any(before is State.HELD for _, before in steps):
        give_back_places(bookings[0].therapist_id, client_ids_of(bookings[0]))
    db.session.flush()
    _write_down([(booking, _event(booking, before, by=by, reason=reason, now=now)) for booking, before in steps], now=now)
    close_when_answered([booking for booking, before in steps if before is State.REQUESTED], now=now)
    if not blocks:
        tell_freed(steps, now=now)


def move(
    booking: Booking,
    *,
    session: tuple[datetime, datetime],
    block: tuple[datetime, datetime],
    by: int | None,
    now: datetime,
    reason: str | None = None,
    passed_over: Collection[str] = (),
) -> Booking:
    """Give a booking another time: `session` without buffers, `block` with them. OpeningTaken, and nothing has moved, when somebody has it. A person moves
    only what is confirmed. `passed_over` are rules that staff set aside.
    """
    move_all([(booking, session, block)], by=by, now=now, reason=reason, passed_over=passed_over)
    return booking


def move_all(
    moves: Sequence[tuple[Booking, tuple[datetime, datetime], tuple[datetime, datetime]]],
    *,
    by: int | None,
    now: datetime,
    reason: str | None = None,
    passed_over: Collection[str] = (),
) -> None:
    """The same for several, each with its session and its block, in as many statements as for one."""
    times = [
        {"of_booking": booking.id, "session_from": session[0], "session_to": session[1], "block_from": block[0], "block_to": block[1]}
        for booking, session, block in moves
    ]
    try:
        with savepoint():
            db.session.connection().execute(MOVE_CLAIMS, times)
    except DBAPIError as error:
        if sqlstate_of(error) in TAKEN_STATES:
            raise OpeningTaken from error
        raise
    moved_from = [booking.starts_at for booking, _, _ in moves]
    for booking, (starts_at, ends_at), _ in moves:
        booking.starts_at, booking.ends_at, booking.changed_at = starts_at, ends_at, now
        if booking.stands is State.CONFIRMED:
            booking.confirmed_at = now
        booking.calendar_sequence += 1
    db.session.flush()
    said: dict[str, Any] = {"by": by, "reason": reason, "now": now, "passed_over": passed_over}
    moved = [(booking, _event(booking, booking.stands, moved_from=before, **said)) for (booking, _, _), before in zip(moves, moved_from, strict=True)]
    _write_down(moved, now=now)
    tell_freed([(booking, booking.stands) for booking, _ in moved], now=now)


@contextmanager
def claims_set_aside(booking_ids: Collection[int]) -> Iterator[None]:
    """Inside, these bookings block nobody: several of them move at once, each perhaps to where another one was. OpeningTaken at the end as ever."""
    mine = update(Claim).where(Claim.booking_id.in_(booking_ids)).execution_options(synchronize_session=False)
    db.session.execute(mine.values(blocks=False))
    yield
    try:
        with savepoint():
            db.session.execute(mine.values(blocks=True))
    except DBAPIError as error:
        if sqlstate_of(error) in TAKEN_STATES:
            raise OpeningTaken from error
        raise


def note_report(booking: Booking, *, by: int, reason: str, now: datetime) -> None:
    """Keep in the history, and tell the other side, what somebody says of the booking. Nothing in a calendar changes."""
    _note(booking, booking.stands, by=by, reason=reason, now=now)


def note_seat(booking: Booking, seat: BookingParticipant, *, by: int | None, reason: str, now: datetime, passed_over: Collection[str] = ()) -> None:
    """Keep in the history of a group that somebody took a seat or gave it up; only they and the therapist are told, and only their calendar changes."""
    _note(booking, booking.stands, by=by, reason=reason, now=now, passed_over=passed_over, person_id=seat.person_id, ahead=seat.seat_steps)


def _set_claims(bookings: Sequence[Booking], *, blocks: bool, lapses_at: datetime | None) -> None:
    mine = update(Claim).where(Claim.booking_id.in_([booking.id for booking in bookings]))
    try:
        with savepoint():
            db.session.execute(mine.values(blocks=blocks, lapses_at=lapses_at))
    except DBAPIError as error:
        if sqlstate_of(error) in TAKEN_STATES:
            raise OpeningTaken("This time was taken meanwhile, so it cannot be confirmed any more.") from error
        raise


def _note(booking: Booking, before: State | None, *, now: datetime, **said: Any) -> None:
    _write_down([(booking, _event(booking, before, now=now, **said))], now=now)


def _event(
    booking: Booking,
    before: State | None,
    *,
    by: int | None,
    reason: str | None,
    now: datetime,
    passed_over: Collection[str] = (),
    moved_from: datetime | None = None,
    person_id: int | None = None,
    ahead: int = 0,
) -> BookingEvent:
    event = BookingEvent(
        booking_id=booking.id,
        at=now,
        actor_person_id=by,
        person_id=person_id,
        from_state=before,
        to_state=booking.state,
        reason=reason,
        sequence=_sequence(booking, before) + ahead,
        starts_at=booking.starts_at,
        passed_over=sorted(passed_over),
        moved_from=moved_from,
    )
    together = _told_together_with(booking, before)
    if together is not None:
        together.append(event)
    return event


def _write_down(steps: Sequence[tuple[Booking, BookingEvent]], *, now: datetime) -> None:
    """The rows of what happened, and all that follows from it: who is told, who is reminded."""
    db.session.add_all(event for _, event in steps)
    db.session.flush()
    timed = []
    for booking, event in steps:
        before = State(event.from_state) if event.from_state else None
        what = booking.state if before != booking.stands else "moved" if event.moved_from else what_happened(event)
        audit.record(f"booking.{what}", subject=("booking", booking.id), reason=event.reason, actor=event.actor_person_id, event=event.id)
        if is_told(before, booking.stands) and _told_together_with(booking, before) is None:
            tell.enqueue(event_id=event.id)
        if booking.stands is State.CONFIRMED and (before is not State.CONFIRMED or event.moved_from):
            timed.append(booking)
    schedule_reminders(timed, now=now)


def _sequence(booking: Booking, before: State | None) -> int:
    """The calendar knows a series under one name, so its dates count together."""
    if booking.series_id is None or not is_told(before, booking.stands):
        return booking.calendar_sequence
    if said := _told_together_with(booking, before):
        return said[0].sequence
    rise = update(Series).where(Series.id == booking.series_id).values(calendar_sequence=Series.calendar_sequence + 1).returning(Series.calendar_sequence)
    return db.session.execute(rise.execution_options(synchronize_session=False)).scalar_one()


def _told_together_with(booking: Booking, before: State | None) -> list[BookingEvent] | None:
    """The events that share a letter with this step; None when it has a letter of its own, or none."""
    together = _together.get()
    if together is None or booking.series_id is None or not is_told(before, booking.stands):
        return None
    return together.setdefault((booking.series_id, before, booking.state), [])


def participant_of(booking: Booking, person_id: int) -> BookingParticipant | None:
    """This person's row among those who attend; the participants are loaded."""
    return next((participant for participant in booking.participants if participant.person_id == person_id), None)
