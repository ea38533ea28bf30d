"""Staff book for a client, move what is booked or call it off. They may set rules aside: notice, booking window, working hours, limits. Never an overlap, never
whether a therapist may treat.

What was set aside stands in the history of the booking, which both sides can read, and in the audit.
"""

import uuid
from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select

from accounts.models import Account, Person
from booking.advance import advance, lock_booking
from booking.after.late_fee import owe
from booking.cancel import is_late
from booking.lifecycle import State, step
from booking.models import Booking
from booking.openings.availability import offer_named
from booking.paying.asked import ask_to_pay
from booking.place import Wanted, place
from booking.refusals import AlreadyStarted, MovedMeanwhile
from booking.reschedule import move_for_both
from core import audit
from core.db import db
from core.errors import Invalid, NotFound

TO_SET_ASIDE = ("too_soon", "not_yet_open", "too_far", "out_of_hours", "day_limit", "week_limit", "client_limit")
REASONS = ("client_asked", "therapist_asked", "our_mistake", "other")


def book_on_behalf(
    client_public_id: uuid.UUID, service_id: uuid.UUID, start: datetime, *, set_aside: Collection[str], reason: str, by: int, now: datetime
) -> Booking:
    """A confirmed booking, agreed on with both sides; what is paid by card is asked for by mail.

    NotFound for the service, Invalid for somebody without an account; else refusals as in `place`."""
    offer = offer_named(service_id)
    if offer is None:
        raise NotFound
    known = select(Person.id).join(Account, Account.person_id == Person.id).where(Person.public_id == client_public_id, Account.disabled_at.is_(None))
    client_id = db.session.execute(known).scalar_one_or_none()
    if client_id is None:
        raise Invalid(errors={"client_id": ["Nobody who can book."]})
    wanted = Wanted(offer, start, (client_id,), offer.terms.minutes, by=by, passes_over=frozenset(set_aside), reason=reason)
    booking = place(wanted, State.CONFIRMED, lapses_at=None, now=now)
    audit.record("booking.rules_set_aside", subject=("booking", booking.id), actor=by, reason=reason, rules=sorted(set_aside))
    ask_to_pay(booking, now=now)
    return booking


def move_on_behalf(public_id: uuid.UUID, new_start: datetime, *, seen: datetime, set_aside: Collection[str], reason: str, by: int, now: datetime) -> Booking:
    """A confirmed booking goes to another time, whoever made it; the session of a group for everybody in it. `seen` is the start that they believe it has.

    NotFound, MovedMeanwhile; else refusals as in `reschedule.move_for_both`. A series' date moves alone.
    """
    booking = _as_seen(public_id, seen=seen)
    move_for_both(booking, new_start, by=by, reason=reason, set_aside=set_aside, is_clients_wish=reason == "client_asked", now=now)
    audit.record("booking.rules_set_aside", subject=("booking", booking.id), actor=by, reason=reason, rules=sorted(set_aside))
    return booking


def cancel_on_behalf(public_id: uuid.UUID, *, seen: datetime, reason: str, by: int, now: datetime) -> Booking:
    """A confirmed booking is called off for both sides, the session of a group for everybody in it. As the client wished, it costs them what it would have
    cost had they done it themselves; else nobody owes anything. A series' date goes alone.

    NotFound, MovedMeanwhile, BookingEnded, StepNotPossible, AlreadyStarted.
    """
    booking = _as_seen(public_id, seen=seen)
    step(booking.stands, State.CANCELLED)
    if booking.starts_at <= now:
        raise AlreadyStarted
    booking.cancelled_late = reason == "client_asked" and not booking.is_group and is_late(booking, now=now)
    advance(booking, State.CANCELLED, by=by, reason=reason, now=now)
    if booking.cancelled_late:
        owe(booking, reason="cancelled_late", now=now)
    audit.record("booking.cancelled_on_behalf", subject=("booking", booking.id), actor=by, reason=reason)
    return booking


def _as_seen(public_id: uuid.UUID, *, seen: datetime) -> Booking:
    """Whoever it is of, with everybody's locks held."""
    found = db.session.execute(select(Booking.id).where(Booking.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise NotFound
    booking = lock_booking(found)
    if booking.starts_at != seen:
        raise MovedMeanwhile
    return booking
