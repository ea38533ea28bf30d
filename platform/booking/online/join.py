"""Joining a session: the link for those who take part, shortly before it, once it is known that the therapist may treat them where they are.

And what a therapist must know to send help: read for as long as a session may need it, and on the record.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from booking.disruption.disrupted_times import off_at_present
from booking.lifecycle import State, require_state
from booking.meeting import Window, how_to_meet, needs_arrival, to_join, to_read_details
from booking.models import Booking, BookingParticipant, has_public_id
from booking.online.called_off import STANDS
from booking.online.models import Arrival
from booking.online.place_now import arrival_of, codes_against, stopped_by_age
from booking.online.room import link_of
from booking.refusals import ArrivalNeeded, TakesNotPlace, require_within
from care.doors import MayNotTreat, Paused, who_cannot_work
from core import audit
from core.db import db
from core.errors import Forbidden, NotFound
from therapists.session_link import link_from

BLOCKED = "This session cannot take place. Its client owes nothing, and we write to both of you."


@dataclass(frozen=True, slots=True)
class Joined:
    """`link` is None where people meet in another way, or the therapist sends the link: `words` say how."""

    link: str | None
    mode: str
    words: str | None
    window: Window

    @property
    def opens(self) -> datetime:
        return self.window.opens

    @property
    def closes(self) -> datetime:
        return self.window.closes


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where one client is; everything but the name is None until their statement is accepted."""

    client_id: uuid.UUID
    name: str | None
    jurisdiction: str | None
    address: str | None
    phone: str | None
    stated_at: datetime | None


def join(public_id: uuid.UUID, *, person_id: int, now: datetime) -> Joined:
    """The way into a confirmed session, from 15 minutes before its start until 30 after its end. Writes nothing.

    Refusals: NotFound, BookingEnded / StepNotPossible, TakesNotPlace while its client is to choose another time, `too_early`, `too_late`, ArrivalNeeded for
    a client who has not said where they are, `may_not_treat` when it turns out that the therapist may not (any more).
    """
    booking = booking_of(public_id, person_id=person_id)
    require_state(booking.stands, State.CONFIRMED)
    if off_at_present([booking.id]):
        raise TakesNotPlace
    window = to_join(booking.starts_at, booking.ends_at)
    require_within(window, now=now)
    gives = person_id == booking.therapist_id
    if needs_arrival(booking.mode) and not gives:
        _require_arrived(booking, person_id, now=now)
    elif who_cannot_work([booking.therapist_id], at=max(now, booking.starts_at), now=now) or _is_stopped_by_age(booking, person_id, now=now):
        raise MayNotTreat(BLOCKED)
    return Joined(link_of(booking), booking.mode, how_to_meet(booking.mode, link_from=link_from(booking.service), gives=gives), window)


def whereabouts_of(public_id: uuid.UUID, *, by: int, now: datetime) -> Sequence[Whereabouts]:
    """Where the clients are, for the therapist of the booking: from 15 minutes before the start until a day after the end. Reading it is recorded.

    Refusals: NotFound, Forbidden for a client, BookingEnded, `too_early`, `too_late`.
    """
    booking = booking_of(public_id, person_id=by)
    if by != booking.therapist_id:
        raise Forbidden
    if booking.state not in STANDS:
        require_state(booking.stands, State.CONFIRMED)
    require_within(to_read_details(booking.starts_at, booking.ends_at), now=now)
    audit.record("booking.whereabouts_read", subject=("booking", booking.id), actor=by)
    wanted = select(Arrival).where(Arrival.booking_id == booking.id, Arrival.for_start == booking.starts_at, Arrival.accepted)
    stated = {arrival.person_id: arrival for arrival in db.session.scalars(wanted)}
    return [_whereabouts(participant, stated.get(participant.person_id)) for participant in booking.participants]


def booking_of(public_id: uuid.UUID, *, person_id: int) -> Booking:
    """With service and people, for reading only; NotFound when it is not this person's."""
    people = (joinedload(Booking.therapist), joinedload(Booking.service), selectinload(Booking.participants).joinedload(BookingParticipant.person))
    wanted = select(Booking).where(has_public_id(public_id, person_id=person_id)).options(*people).execution_options(populate_existing=True)
    booking = db.session.execute(wanted).scalar_one_or_none()
    if booking is None:
        raise NotFound
    return booking


def _is_stopped_by_age(booking: Booking, person_id: int, *, now: datetime) -> bool:
    """A group goes on for the others."""
    stopped = stopped_by_age(booking, now=now)
    return person_id in stopped if booking.is_group else bool(stopped)


def _require_arrived(booking: Booking, person_id: int, *, now: datetime) -> None:
    arrival = arrival_of(booking, person_id)
    details = arrival.details if arrival is not None and arrival.accepted else None
    if details is None:
        raise ArrivalNeeded
    codes = codes_against(booking, person_id, details["jurisdiction"], now=now)
    if "paused" in codes:
        raise Paused(extra={"reasons": sorted(codes)})
    if codes:
        raise MayNotTreat(BLOCKED, extra={"reasons": sorted(codes)})


def _whereabouts(participant: BookingParticipant, arrival: Arrival | None) -> Whereabouts:
    person = participant.person
    details = arrival.details if arrival is not None else None
    if arrival is None or details is None:
        return Whereabouts(person.public_id, person.name, None, None, None, None)
    return Whereabouts(person.public_id, person.name, details["jurisdiction"], details["address"], details["phone"], arrival.stated_at)
