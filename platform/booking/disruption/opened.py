"""A therapist cannot work, or works at other hours, and something is booked then: the list of it, and one choice for all.

The list is made under the therapist's lock, in the transaction that closes the time: whatever is booked before is on it, nothing can be booked after. What
takes the locks of clients (calling off, telling) follows at once, as one job for each booking.
"""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from booking.disruption.carry_out import carry_out_all
from booking.disruption.models import DisruptedBooking, Disruption
from booking.disruption.take_time_off import take_time_off
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.openings.offers import instant_of
from booking.openings.schedule import edge
from core import audit
from core.db import db, lock_persons
from core.errors import Conflict, Invalid
from core.http import as_text
from therapists.profile import profile_for_edit
from therapists.time_off import LONGEST

IN_A_REFUSAL = 100
# Sent again this soon it is a button that was pressed twice.
PRESSED_TWICE = timedelta(seconds=10)
WITH_CLIENTS = (joinedload(Booking.service), selectinload(Booking.participants).joinedload(BookingParticipant.person))


class BookingsAffected(Conflict):
    """`bookings` of the problem document lists them, the soonest first and at most a hundred; `count` is how many there are."""

    code = "bookings_affected"
    detail = "Something is booked at that time. Say what shall become of it: keep it, offer new times, or cancel it free of charge."


def what_counts(now: datetime) -> ColumnElement[bool]:
    """Coming bookings that somebody relies on: agreed on, asked for, or proposed. A hold asks every rule again before it becomes one of these."""
    proposed = and_(Booking.state == State.HELD.value, Booking.held_for == "proposal")
    alive = or_(Booking.lapses_at.is_(None), Booking.lapses_at > now)
    return and_(Booking.starts_at > now, alive, or_(Booking.state.in_([State.REQUESTED.value, State.CONFIRMED.value]), proposed))


def booked_between(therapist_id: int, start: datetime, end: datetime, *, now: datetime) -> Sequence[Booking]:
    """What of it lies over any of [start, end), the soonest first; what has begun stays as it is."""
    over = and_(Booking.therapist_id == therapist_id, Booking.starts_at < end, Booking.ends_at > start, what_counts(now))
    return db.session.scalars(select(Booking).where(over).order_by(Booking.starts_at, Booking.id).options(*WITH_CLIENTS)).all()


def to_be_told_between(therapist_id: int, start: datetime, end: datetime, *, now: datetime) -> Sequence[Booking]:
    """The same without those of which somebody is being told already."""
    booked = booked_between(therapist_id, start, end, now=now)
    waiting = being_told([booking.id for booking in booked])
    return [booking for booking in booked if booking.id not in waiting]


def absence(zone: str, wall_from: tuple[date, int], wall_to: tuple[date, int], *, now: datetime) -> tuple[datetime, datetime]:
    """The instants of two readings (date, minute) of the wall clock of the zone. Invalid unless they are in order, not over, and at most a year apart."""
    start, end = (instant_of(edge(zone, day, minute)) for day, minute in (wall_from, wall_to))
    if end <= start:
        raise Invalid(errors={"to": ["Must be after the start."]})
    if end <= now:
        raise Invalid(errors={"to": ["This is over."]})
    if end - start > LONGEST or start - now > timedelta(days=1830):
        raise Invalid(errors={"to": ["At most a year at a time, and at most five years ahead."]})
    return start, end


def cannot_work(
    therapist_id: int,
    wall_from: tuple[date, int],
    wall_to: tuple[date, int],
    *,
    reason: str,
    choice: str,
    choices: Mapping[uuid.UUID, str],
    now: datetime,
) -> Disruption:
    """Take the time off, and list what is booked in it with what shall become of each: `choices` by booking, `choice` for all others.

    What is kept and was named in `choices` has been seen by the therapist; what is kept because of the choice for all stays on the list until it is.
    The very same, said again within ten seconds, is the list that there is.
    """
    lock_persons(therapist_id)
    therapist = profile_for_edit(therapist_id)
    start, end = absence(therapist.zone, wall_from, wall_to, now=now)
    if (same := _said_just_now(therapist_id, start, end, choice=choice, reason=reason, now=now)) is not None:
        return same
    take_time_off(therapist, start, end, reason=reason, now=now)
    found = Disruption(public_id=uuid.uuid4(), therapist_id=therapist_id, cause="absence", choice=choice, starts_at=start, ends_at=end, opened_at=now)
    found.reason = reason
    return open_list(found, booked_between(therapist_id, start, end, now=now), choices=choices, now=now)


def _said_just_now(therapist_id: int, start: datetime, end: datetime, *, choice: str, reason: str, now: datetime) -> Disruption | None:
    said = (Disruption.therapist_id == therapist_id, Disruption.cause == "absence", Disruption.starts_at == start, Disruption.ends_at == end)
    rows = db.session.scalars(select(Disruption).where(*said, Disruption.choice == choice, Disruption.opened_at > now - PRESSED_TWICE))
    return next((each for each in rows if each.reason == reason), None)


def open_list(disruption: Disruption, bookings: Collection[Booking], *, choices: Mapping[uuid.UUID, str], now: datetime) -> Disruption:
    """Write it with a line for each booking that has no other one open. The caller holds the therapist's lock."""
    db.session.add(disruption)
    db.session.flush()
    waiting = being_told([booking.id for booking in bookings])
    for booking in bookings:
        if booking.id in waiting:
            continue
        choice = choices.get(booking.public_id, disruption.choice)
        seen_at = now if choice == "keep" and booking.public_id in choices else None
        db.session.add(
            DisruptedBooking(
                public_id=uuid.uuid4(), disruption_id=disruption.id, booking_id=booking.id, choice=choice, starts_at=booking.starts_at, seen_at=seen_at
            )
        )
    db.session.flush()
    audit.record("booking.disruption_opened", subject=("disruption", disruption.public_id), actor=disruption.therapist_id, cause=disruption.cause)
    carry_out_all.enqueue(disruption_id=disruption.id)
    return disruption


def being_told(booking_ids: Collection[int]) -> frozenset[int]:
    """Those of these bookings of which somebody is being told already that they do not take place as they stand."""
    told = select(DisruptedBooking.booking_id).where(
        DisruptedBooking.booking_id.in_(booking_ids), DisruptedBooking.closed_at.is_(None), DisruptedBooking.choice != "keep"
    )
    return frozenset(db.session.scalars(told)) if booking_ids else frozenset()


def require_choice(bookings: Sequence[Booking]) -> None:
    """BookingsAffected with these bookings, their clients loaded."""
    lines = [
        {
            "id": str(booking.public_id),
            "starts_at": as_text(booking.starts_at),
            "ends_at": as_text(booking.ends_at),
            "state": booking.state,
            "clients": [participant.person.name for participant in booking.participants],
        }
        for booking in bookings[:IN_A_REFUSAL]
    ]
    raise BookingsAffected(extra={"count": len(bookings), "bookings": lines})
