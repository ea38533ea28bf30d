"""Sessions that cannot begin: the therapist may not work any more, or a client is where they may not be treated. Called off free of charge.

Looked at from an hour before the start until the end, every five minutes; whoever joins is asked anew anyway.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import delete, or_, select

from booking.advance import client_ids_of, lock_booking
from booking.arrival_models import Arrival
from booking.cancel_as_platform import cancel_as_platform
from booking.letters import MAY_NOT_TREAT, PLACE
from booking.lifecycle import State
from booking.meeting import DETAILS_KEPT, RECHECKED_BEFORE, corrected_by
from booking.models import Booking
from booking.place_now import OF_PLACE, codes_against
from booking.resolve_affected import ask_matchmaker
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
    if booking.ends_at > now and _may_not_be_given(booking, now=now):
        cancel_as_platform(booking, reason=MAY_NOT_TREAT, now=now)
        for client_id in client_ids_of(booking):
            ask_matchmaker(client_id, by=None, now=now)
    elif any(corrected_by(booking.starts_at, stated_at=arrival.stated_at) <= now for arrival in _arrivals(booking.id) if not arrival.accepted):
        cancel_as_platform(booking, reason=PLACE, now=now)


@periodic("*/5 * * * *", "booking.recheck_before_start")
def recheck_before_start() -> None:
    """Find what cannot take place among what begins within the hour or has begun."""
    now = now_of_transaction()
    soon = select(Booking).where(Booking.state == State.CONFIRMED.value, Booking.starts_at <= now + RECHECKED_BEFORE, Booking.ends_at > now)
    starts: dict[datetime, list[Booking]] = defaultdict(list)
    for booking in db.session.scalars(soon.order_by(Booking.id)):
        starts[booking.starts_at].append(booking)
    for starts_at, bookings in starts.items():
        blocked = who_cannot_work({booking.therapist_id for booking in bookings}, at=max(now, starts_at), now=now)
        for booking in bookings:
            if booking.therapist_id in blocked or _may_not_stay(booking, now=now):
                close_session.enqueue(booking_id=booking.id)


@periodic("*/5 * * * *", "booking.forget_arrivals")
def forget_arrivals() -> None:
    """A day after the session nobody needs to find its clients any more; before that, when it was moved or does not take place."""
    over = select(Booking.id).where(
        Booking.id == Arrival.booking_id,
        or_(Booking.ends_at <= now_of_transaction() - DETAILS_KEPT, Booking.starts_at != Arrival.for_start, Booking.state.not_in(STANDS)),
    )
    db.session.execute(delete(Arrival).where(over.exists()).execution_options(synchronize_session=False))


def _may_not_be_given(booking: Booking, *, now: datetime) -> bool:
    """The therapist may not work, or may not treat one of these clients: wherever they are, or where they said that they are."""
    if who_cannot_work([booking.therapist_id], at=max(now, booking.starts_at), now=now) or _may_not_stay(booking, now=now):
        return True
    return any(codes_against(booking, client_id, None, now=now) - OF_PLACE - PASSING for client_id in client_ids_of(booking))


def _may_not_stay(booking: Booking, *, now: datetime) -> bool:
    """Somebody whom the therapist might treat when they said where they are, and may not any more."""
    stated = {arrival.person_id: arrival.details for arrival in _arrivals(booking.id)}
    return any(codes_against(booking, person_id, details["jurisdiction"], now=now) - PASSING for person_id, details in stated.items() if details is not None)


def _arrivals(booking_id: int) -> Sequence[Arrival]:
    return db.session.scalars(
        select(Arrival)
        .join(Booking, Booking.id == Arrival.booking_id)
        .where(Arrival.booking_id == booking_id, Arrival.for_start == Booking.starts_at)
        .order_by(Arrival.id)
    ).all()
