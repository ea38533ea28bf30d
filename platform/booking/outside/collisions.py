"""New busy time of a therapist's own calendar over a booking. It never ends the booking: the therapist is asked, once by mail and in a list."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import exists, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.elements import ColumnElement

from accounts.people import recipient_of
from booking.lifecycle import State
from booking.models import Booking
from booking.openings.availability import instant_of
from booking.openings.intervals import Interval
from booking.outside.models import OutsideCalendar, OutsideCollision, OutsideInterval
from core.db import db
from core.errors import Invalid, NotFound
from core.http import cursor_of, key_of
from notices.outbox import send

STANDS = (State.REQUESTED.value, State.CONFIRMED.value)
IN_A_LETTER = 10


@dataclass(frozen=True, slots=True)
class CollisionShown:
    """`busy_from` and `busy_to` are what of the outside time lies within the session."""

    public_id: uuid.UUID
    booking_id: uuid.UUID
    calendar_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_to: datetime
    found_at: datetime


@dataclass(frozen=True, slots=True)
class CollisionsShown:
    items: Sequence[CollisionShown]
    next: str | None


def note_collisions(calendar: OutsideCalendar, new: Sequence[Interval], *, now: datetime) -> None:
    """A row for each coming booking that new busy time lies over, and one letter about all of them. What was asked before is not asked again."""
    coming = select(Booking.id, Booking.starts_at, Booking.ends_at).where(
        Booking.therapist_id == calendar.therapist_id, Booking.state.in_(STANDS), Booking.ends_at > now
    )
    rows = []
    for booking_id, starts_at, ends_at in db.session.execute(coming.order_by(Booking.starts_at)):
        low, high = int(starts_at.timestamp()), int(ends_at.timestamp())
        for start, end in new:
            if max(start, low) < min(end, high):
                whose = {"public_id": uuid.uuid4(), "therapist_id": calendar.therapist_id, "calendar_id": calendar.id, "booking_id": booking_id}
                rows.append({**whose, "busy_from": instant_of(max(start, low)), "busy_to": instant_of(min(end, high)), "found_at": now})
    if not rows:
        return
    added = insert(OutsideCollision).values(rows).on_conflict_do_nothing(constraint="uq_outside_collisions_asked_once")
    found = db.session.execute(added.returning(OutsideCollision.id, OutsideCollision.booking_id)).all()
    if found:
        _tell(calendar, sorted({booking_id for _, booking_id in found}), once=f"outside-collisions:{min(row_id for row_id, _ in found)}", now=now)


def open_collisions(therapist_id: int, *, limit: int, cursor: str | None, now: datetime) -> CollisionsShown:
    """What still asks for a look, the earliest session first: the booking stands where it stood, the time is still taken, nobody has said to keep it."""
    wanted = (
        select(OutsideCollision, Booking.public_id, Booking.starts_at, Booking.ends_at, OutsideCalendar.public_id)
        .join(Booking, Booking.id == OutsideCollision.booking_id)
        .join(OutsideCalendar, OutsideCalendar.id == OutsideCollision.calendar_id)
        .where(OutsideCollision.therapist_id == therapist_id, OutsideCollision.kept_at.is_(None), Booking.state.in_(STANDS), Booking.ends_at > now)
        .where(OutsideCollision.busy_from < Booking.ends_at, OutsideCollision.busy_to > Booking.starts_at, _still_busy())
    )
    if cursor is not None:
        at, last = key_of(cursor, str, int)
        wanted = wanted.where(tuple_(Booking.starts_at, OutsideCollision.id) > (_instant(at), last))
    rows = db.session.execute(wanted.order_by(Booking.starts_at, OutsideCollision.id).limit(limit + 1)).all()
    items = [
        CollisionShown(row.public_id, booking_id, calendar_id, starts_at, ends_at, row.busy_from, row.busy_to, row.found_at)
        for row, booking_id, starts_at, ends_at, calendar_id in rows[:limit]
    ]
    following = cursor_of(rows[limit - 1].starts_at.isoformat(), rows[limit - 1][0].id) if len(rows) > limit else None
    return CollisionsShown(items, following)


def keep_booking(therapist_id: int, public_id: uuid.UUID, *, now: datetime) -> None:
    """The therapist has seen it and keeps the booking. Saying it again changes nothing. NotFound for anybody else's."""
    wanted = select(OutsideCollision).where(OutsideCollision.therapist_id == therapist_id, OutsideCollision.public_id == public_id)
    found = db.session.scalars(wanted.with_for_update()).one_or_none()
    if found is None:
        raise NotFound
    found.kept_at = found.kept_at or now


def _still_busy() -> ColumnElement[bool]:
    over = (OutsideInterval.starts_at < OutsideCollision.busy_to, OutsideInterval.ends_at > OutsideCollision.busy_from)
    return exists().where(OutsideInterval.calendar_id == OutsideCollision.calendar_id, *over)


def _tell(calendar: OutsideCalendar, booking_ids: Sequence[int], *, once: str, now: datetime) -> None:
    recipient = recipient_of(calendar.therapist_id)
    if recipient is None:
        return
    of_them = select(Booking.starts_at).where(Booking.id.in_(booking_ids)).order_by(Booking.starts_at)
    starts = list(db.session.execute(of_them).scalars())
    facts = {"starts": starts[:IN_A_LETTER], "more": max(0, len(starts) - IN_A_LETTER)}
    send(recipient, kind="outside_collision", template="booking/outside_collision", facts=facts, once=once, now=now, person_id=calendar.therapist_id)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error
    if instant.tzinfo is None:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]})
    return instant
