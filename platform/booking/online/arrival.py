"""Before a session from afar a client says where they are now; the therapist must be allowed to treat people there.

The place is asked each time and taken from no profile: the law of the place where somebody is during the session decides.
"""

import uuid
from datetime import datetime
from typing import NoReturn

from sqlalchemy import select

from accounts.models import Person
from booking.advance import booking_under_lock, client_ids_of
from booking.groups.seats import call_off_for
from booking.letters import PLACE
from booking.lifecycle import State, require_state
from booking.meeting import corrected_by, needs_arrival, to_state_place
from booking.models import Booking
from booking.online.called_off import close_session
from booking.online.models import Arrival, Details
from booking.online.place_now import OF_PLACE, codes_against
from booking.refusals import MayNotTreatHere, NoArrivalNeeded, require_within
from care.doors import MayNotTreat, Paused
from care.places import record_place
from core import audit
from core.db import after_refusal, db
from core.errors import Forbidden, Invalid
from taxonomy.vocabulary import vocabulary


def arrive(public_id: uuid.UUID, details: Details, *, by: int, stay: bool = False, now: datetime) -> Booking:
    """Say where `by` is, from two hours before the start until the end; as often as they like, the last statement counts.

    Refusals: NotFound, Forbidden for the therapist, BookingEnded / StepNotPossible, NoArrivalNeeded, `too_early`, `too_late`, Invalid for a place that we
    do not know, MayNotTreatHere, `may_not_treat`, `paused`. Whoever says that they `stay` where the therapist may not treat them has the session called
    off for them, free of charge; so has whoever does not correct it until 15 minutes after the start.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if by not in client_ids_of(booking):
        raise Forbidden
    require_state(booking.stands, State.CONFIRMED)
    if not needs_arrival(booking.mode):
        raise NoArrivalNeeded
    require_within(to_state_place(booking.starts_at, booking.ends_at), now=now)
    if details["jurisdiction"] not in vocabulary().jurisdictions:
        raise Invalid(errors={"jurisdiction": ["We do not know this place yet."]})
    codes = codes_against(booking, by, details["jurisdiction"], now=now)
    if codes and not (stay and codes <= OF_PLACE):
        _refuse(booking, codes, by=by, now=now)
    _record_place(by, details["jurisdiction"], now=now)
    if codes:
        _forget(booking, by)
        call_off_for(booking, [by], reason=PLACE, now=now)
        return booking
    _keep(booking, by, details, now=now)
    audit.record("booking.arrived", subject=("booking", booking.id), actor=by)
    return booking


def _refuse(booking: Booking, codes: frozenset[str], *, by: int, now: datetime) -> NoReturn:
    ordered = sorted(codes)
    if "paused" in codes:
        raise Paused(extra={"reasons": ordered})
    booking_id, start = booking.id, booking.starts_at
    if codes <= OF_PLACE:
        after_refusal(lambda: _note_refused(booking_id, by, start, now=now))
        raise MayNotTreatHere(extra={"reasons": ordered})
    after_refusal(lambda: close_session.enqueue(booking_id=booking_id))
    raise MayNotTreat("This session cannot take place. You owe nothing. We write to you, and help you find somebody else.", extra={"reasons": ordered})


def _note_refused(booking_id: int, person_id: int, start: datetime, *, now: datetime) -> None:
    """Only that it was refused: nothing that was written is kept."""
    arrival = _row(booking_id, person_id)
    arrival.for_start, arrival.stated_at, arrival.accepted, arrival.details = start, now, False, None
    db.session.add(arrival)
    audit.record("booking.arrival_refused", subject=("booking", booking_id), actor=person_id)
    close_session.enqueue_at(corrected_by(start, stated_at=now), booking_id=booking_id)


def _keep(booking: Booking, person_id: int, details: Details, *, now: datetime) -> None:
    arrival = _row(booking.id, person_id)
    arrival.for_start, arrival.stated_at, arrival.accepted, arrival.details = booking.starts_at, now, True, details
    db.session.add(arrival)
    db.session.flush()


def _row(booking_id: int, person_id: int) -> Arrival:
    found = db.session.scalars(select(Arrival).where(Arrival.booking_id == booking_id, Arrival.person_id == person_id)).one_or_none()
    return found or Arrival(public_id=uuid.uuid4(), booking_id=booking_id, person_id=person_id)


def _forget(booking: Booking, person_id: int) -> None:
    found = db.session.scalars(select(Arrival).where(Arrival.booking_id == booking.id, Arrival.person_id == person_id)).one_or_none()
    if found is not None:
        db.session.delete(found)


def _record_place(person_id: int, jurisdiction: str, *, now: datetime) -> None:
    """From now on this is where they are, as far as anybody knows."""
    place = vocabulary().jurisdictions[jurisdiction]
    own = db.session.execute(select(Person.zone).where(Person.id == person_id)).scalar_one()
    record_place(person_id, jurisdiction, zone=own if own in place.zones else place.main_zone, source="booking", now=now)
