"""Sessions that cannot begin: the therapist may not work any more, or a client is where they may not be treated. Called off free of charge.

Looked at from an hour before the start until the end, every five minutes; whoever joins is asked anew anyway.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import selectinload

from booking.advance import client_ids_of, lock_booking
from booking.affected.resolve import ask_matchmaker
from booking.groups.seats import call_off_for
from booking.letters import MAY_NOT_TREAT, PLACE
from booking.lifecycle import State
from booking.meeting import DETAILS_KEPT, RECHECKED_BEFORE, corrected_by
from booking.models import Booking
from booking.online.models import Arrival
from booking.online.place_now import OF_PLACE, codes_against, stopped_by_age
from care.doors import who_cannot_work
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job, periodic

# A session that happened, or still may: its therapist may have to send help.
STANDS = (State.CONFIRMED.value, State.COMPLETED.value, State.NO_SHOW.value)
# A pause for safety ends when somebody has spoken with the client; it calls nothing off.
PASSING = frozenset({"paused"})


@job("booking.close_session")
def close_session(booking_id: int) -> None:
    """Call it off if it still cannot be, under its people's locks.

    When it is the therapist who may not, somebody at the desk helps the clients find another one.
    """
    booking, now = lock_booking(booking_id), now_of_transaction()
    if booking.stands is not State.CONFIRMED:
        return
    refused = [each for each in _arrivals(booking.id) if not each.accepted and corrected_by(booking.starts_at, stated_at=each.stated_at) <= now]
    if booking.ends_at > now and (blocked := _not_to_be_treated(booking, now=now)):
        call_off_for(booking, blocked, reason=MAY_NOT_TREAT, now=now)
        for client_id in blocked:
            ask_matchmaker(client_id, by=None, now=now)
    elif refused:
        call_off_for(booking, [each.person_id for each in refused], reason=PLACE, now=now)


@periodic("*/5 * * * *", "booking.recheck_before_start")
def recheck_before_start() -> None:
    """Find what cannot take place among what begins within the hour or has begun."""
    now = now_of_transaction()
    soon = select(Booking).where(Booking.state == State.CONFIRMED.value, Booking.starts_at <= now + RECHECKED_BEFORE, Booking.ends_at > now)
    starts: dict[datetime, list[Booking]] = defaultdict(list)
    for booking in db.session.scalars(soon.options(selectinload(Booking.participants)).order_by(Booking.id)):
        starts[booking.starts_at].append(booking)
    for starts_at, bookings in starts.items():
        blocked = who_cannot_work({booking.therapist_id for booking in bookings}, at=max(now, starts_at), now=now)
        for booking in bookings:
            if booking.therapist_id in blocked or stopped_by_age(booking, now=now) or _may_not_stay(booking, now=now):
                close_session.enqueue(booking_id=booking.id)


@periodic("*/5 * * * *", "booking.forget_arrivals")
def forget_arrivals() -> None:
    """A day after the session nobody needs to find its clients any more; before that, when it was moved or does not take place."""
    over = select(Booking.id).where(
        Booking.id == Arrival.booking_id,
        or_(Booking.ends_at <= now_of_transaction() - DETAILS_KEPT, Booking.starts_at != Arrival.for_start, Booking.state.not_in(STANDS)),
    )
    db.session.execute(delete(Arrival).where(over.exists()).execution_options(synchronize_session=False))


def _not_to_be_treated(booking: Booking, *, now: datetime) -> list[int]:
    """Those for whom it cannot be: everybody when the therapist may not work; else, in a group only, those whom they may not treat: wherever they are, or
    where they said that they are.
    """
    clients = client_ids_of(booking)
    if who_cannot_work([booking.therapist_id], at=max(now, booking.starts_at), now=now):
        return clients
    away = _may_not_stay(booking, now=now)
    blocked = [each for each in clients if each in away or codes_against(booking, each, None, now=now) - OF_PLACE - PASSING]
    return blocked if booking.is_group or not blocked else clients


def _may_not_stay(booking: Booking, *, now: datetime) -> frozenset[int]:
    """Those whom the therapist might treat when they said where they are, and may not any more."""
    stated = {arrival.person_id: arrival.details for arrival in _arrivals(booking.id)}
    told = {person_id: details["jurisdiction"] for person_id, details in stated.items() if details is not None}
    return frozenset(person_id for person_id, place in told.items() if codes_against(booking, person_id, place, now=now) - PASSING)


def _arrivals(booking_id: int) -> Sequence[Arrival]:
    return db.session.scalars(
        select(Arrival)
        .join(Booking, Booking.id == Arrival.booking_id)
        .where(Arrival.booking_id == booking_id, Arrival.for_start == Booking.starts_at)
        .order_by(Arrival.id)
    ).all()
