"""Another session of the same group, for one client whose session cannot take place: their seat goes there, free of charge, and nobody else moves."""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import func, select

from booking.advance import participant_of
from booking.cancel import cancel_booking
from booking.expire import end_lapsed_of
from booking.groups.sessions import group_sessions
from booking.lifecycle import State, require_state
from booking.models import Booking, BookingParticipant
from booking.openings.availability import instant_of, offers_of, starts_of
from booking.openings.offers import Offer
from booking.place import Wanted, place_under_locks
from booking.refusals import AlreadyStarted, NotBookable, SameTime
from core.db import db
from core.errors import NotFound

MINUTE = timedelta(minutes=1)


def other_sessions(booking: Booking, client_id: int, *, now: datetime, until: datetime) -> list[datetime]:
    """Starts of sessions of this group that stand and have a seat that this client could take. Where none stands, the openings of the group: whoever chooses
    first begins a session there, and the others are shown it.
    """
    offer = offers_of([booking.service_id]).get(booking.service_id)
    if offer is None:
        return []
    offer = _as_agreed(offer, booking)
    starts = starts_of([offer], now, until, client_ids=[client_id], ignoring=[booking.id], now=now)[offer.service_id]
    standing = {session.start for session in group_sessions(offer, now, until, ignoring=[booking.id])}
    joined = [start for start in starts if start in standing]
    return [start for start in map(instant_of, joined or starts) if start != booking.starts_at]


def change_session(booking: Booking, start: datetime, *, by: int, now: datetime) -> None:
    """Give up the seat here and take one there, or neither. The caller holds the locks of this group's people and has asked whether it stands where it cannot
    be. Refusals: NotFound without a seat here, BookingEnded, StepNotPossible, AlreadyStarted, SameTime, NotBookable, and those of `place_under_locks`.
    """
    require_state(booking.stands, State.CONFIRMED)
    seat = participant_of(booking, by)
    if seat is None:
        raise NotFound
    if booking.starts_at <= now:
        raise AlreadyStarted
    if booking.starts_at == start:
        raise SameTime
    end_lapsed_of([booking.therapist_id, by], now=now)
    offer = offers_of([booking.service_id]).get(booking.service_id)
    if offer is None:
        raise NotBookable
    offer, title = _as_agreed(offer, booking), seat.title
    cancel_booking(booking.public_id, by=by, reason="time", now=now)
    # What was agreed was paid for, or is not paid here.
    wanted = Wanted(offer, start, (by,), offer.terms.minutes, by=by, title=title, paid=True)
    place_under_locks(wanted, State.CONFIRMED, lapses_at=None, now=now, ignoring=[booking.id])


def changed_to(booking: Booking, client_id: int) -> Booking | None:
    """The session of the same group for which this client gave up their seat in this one."""
    left = select(BookingParticipant.left_at).where(BookingParticipant.booking_id == booking.id, BookingParticipant.person_id == client_id)
    since = func.coalesce(BookingParticipant.joined_at, Booking.created_at)
    there = (
        select(Booking)
        .join(BookingParticipant, BookingParticipant.booking_id == Booking.id)
        .where(
            Booking.service_id == booking.service_id,
            Booking.id != booking.id,
            Booking.state == State.CONFIRMED.value,
            BookingParticipant.person_id == client_id,
            BookingParticipant.left_at.is_(None),
            since == func.coalesce(left.scalar_subquery(), booking.changed_at),
        )
    )
    return db.session.scalars(there.limit(1)).one_or_none()


def _as_agreed(offer: Offer, booking: Booking) -> Offer:
    """The group with the length and the fee that were agreed, whatever it is offered for now."""
    terms = offer.terms_for((booking.ends_at - booking.starts_at) // MINUTE)
    return replace(offer, terms=terms, fee_amount=booking.fee_amount, fee_currency=booking.fee_currency)
