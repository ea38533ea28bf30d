"""Seats of a group session that stands: a client takes one, or gives it up, and nothing changes for anybody else in it.

The session is one booking with the therapist's one claim; each seat is a participant with a claim, terms of leaving and a calendar object of their own.
The caller holds the locks of the therapist and of this client, and that of the row.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import DBAPIError

from booking.advance import TAKEN_STATES, client_ids_of, note_seat
from booking.cancel_as_platform import cancel_as_platform
from booking.letters import JOINED
from booking.models import Booking, BookingParticipant, Claim
from booking.online.models import Arrival
from booking.refusals import OpeningTaken
from core.db import db, savepoint, sqlstate_of


def take_seat(booking: Booking, client_id: int, *, title: str | None, by: int | None, now: datetime, passed_over: Collection[str] = ()) -> None:
    """One more client in the session; the caller has asked every rule. OpeningTaken when the client's own time is taken. Whoever comes back keeps their row."""
    wanted = select(BookingParticipant).where(BookingParticipant.booking_id == booking.id, BookingParticipant.person_id == client_id)
    seat = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if seat is None:
        seat = BookingParticipant(public_id=uuid.uuid4(), booking_id=booking.id, person_id=client_id, seat_steps=0)
    else:
        seat.seat_steps += 1
    seat.title, seat.joined_at, seat.left_at, seat.left_late = title, now, None, False
    claim = Claim(booking_id=booking.id, role="client", person_id=client_id, blocks_from=booking.starts_at, blocks_to=booking.ends_at, blocks=True)
    try:
        with savepoint():
            db.session.add_all([seat, claim])
            db.session.flush()
    except DBAPIError as error:
        if sqlstate_of(error) in TAKEN_STATES:
            raise OpeningTaken from error
        raise
    db.session.refresh(booking, ["participants"])
    note_seat(booking, seat, by=by, reason=JOINED, passed_over=passed_over, now=now)


def give_up_seat(booking: Booking, seat: BookingParticipant, *, late: bool, by: int | None, reason: str, now: datetime) -> None:
    """The client's own time is free and the seat too; the others stay. `late` is kept as a fact."""
    seat.left_at, seat.left_late, seat.coming_to = now, late, None
    seat.seat_steps += 1
    for kept in (Claim, Arrival):
        db.session.execute(delete(kept).where(kept.booking_id == booking.id, kept.person_id == seat.person_id))
    db.session.flush()
    db.session.refresh(booking, ["participants"])
    note_seat(booking, seat, by=by, reason=reason, now=now)


def call_off_for(booking: Booking, client_ids: Sequence[int], *, reason: str, now: datetime) -> None:
    """The platform takes these clients out, free of charge. The session of a group stands for the others; any other is called off."""
    if not booking.is_group or set(client_ids_of(booking)) <= set(client_ids):
        cancel_as_platform(booking, reason=reason, now=now)
        return
    for seat in [each for each in booking.participants if each.person_id in client_ids]:
        give_up_seat(booking, seat, late=False, by=None, reason=reason, now=now)
