"""One booking of the demonstration client in each state. What can be done today is done by the acts; what needs a past is written as it would stand."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.calendar.invitation import new_uid
from booking.cancel import cancel_booking
from booking.decline import decline_request
from booking.letters import tell
from booking.lifecycle import LIVE, State
from booking.models import Booking, BookingEvent, BookingParticipant
from booking.openings.availability import instant_of, offers_of, openings_between, second_of
from booking.request import request_booking
from booking.withdraw import withdraw_request
from care.attendance import record_attendance
from care.places import record_place
from core.db import db
from core.jobs import drop_waiting
from core.zones import tzdata_version, zone
from therapists.models import Service, Therapist

AHEAD = timedelta(days=28)
# Who shows which state; all of them may treat an adult in England and have a free first talk.
ASKED = {State.DECLINED: "T06", State.WITHDRAWN: "T18", State.CANCELLED: "T10", State.REQUESTED: "T16", State.CONFIRMED: "T05"}
# Days since it began, for the states that only time brings.
PAST = {State.COMPLETED: ("T05", 9), State.NO_SHOW: ("T10", 16), State.EXPIRED: ("T17", 5), State.RELEASED: ("T17", 3)}


def add_bookings(client_id: int, cast: dict[str, Therapist], *, now: datetime) -> dict[State, Booking]:
    """The client is an adult in London. By state."""
    record_place(client_id, "GB-ENG", zone="Europe/London", source="profile", now=now)
    record_attendance(client_id, age_band="adult", needs=(), now=now)
    made = {}
    for state, who in ASKED.items():
        made[state] = _asked(client_id, cast[who].person_id, now=now)
        _end(made[state], state, by=client_id, now=now)  # at once: only a few may be open at the same time
    for state, (who, days) in PAST.items():
        made[state] = _written(client_id, cast[who].person_id, state, at=now - timedelta(days=days))
    drop_waiting(tell.name)  # nobody is written to about what was there before they came
    return made


def _first_talk_of(therapist_id: int) -> int:
    talk = select(Service.id).where(Service.therapist_id == therapist_id, Service.kind == "consultation", Service.unit == "individual")
    return db.session.execute(talk.order_by(Service.id).limit(1)).scalar_one()


def _asked(client_id: int, therapist_id: int, *, now: datetime) -> Booking:
    service_id = _first_talk_of(therapist_id)
    first = openings_between([service_id], now, now + AHEAD, now=now, limit=1, client_id=client_id)[service_id][0]
    service = db.session.get_one(Service, service_id)
    return request_booking(client_id, service.public_id, first, now=now)


def _end(booking: Booking, state: State, *, by: int, now: datetime) -> None:
    if state is State.DECLINED:
        decline_request(booking.public_id, by=booking.therapist_id, reason="time", now=now)
    elif state is State.WITHDRAWN:
        withdraw_request(booking.public_id, by=by, now=now)
    elif state is State.CANCELLED:
        cancel_booking(booking.public_id, by=by, reason="other", now=now)


def _written(client_id: int, therapist_id: int, state: State, *, at: datetime) -> Booking:
    assert state not in LIVE, "what is over takes nobody's time"
    service_id = _first_talk_of(therapist_id)
    offer = offers_of([service_id])[service_id]
    start = at.replace(minute=0, second=0, microsecond=0)
    booking = Booking(
        public_id=uuid.uuid4(),
        therapist_id=therapist_id,
        service_id=service_id,
        state=state.value,
        starts_at=start,
        ends_at=instant_of(offer.terms.session(second_of(start))[1]),
        wall_start=start.astimezone(zone(offer.schedule.zone)).strftime("%Y-%m-%dT%H:%M"),
        zone=offer.schedule.zone,
        tzdata=tzdata_version(),
        kind=offer.kind,
        unit=offer.unit,
        mode=offer.mode,
        fee_amount=offer.fee_amount,
        fee_currency=offer.fee_currency,
        cancel_free_hours=offer.cancel_free_hours,
        calendar_uid=new_uid(),
        booked_by=client_id,
        created_at=start - timedelta(days=3),
        changed_at=start,
        participants=[BookingParticipant(public_id=uuid.uuid4(), person_id=client_id)],
    )
    db.session.add(booking)
    db.session.flush()
    db.session.add(BookingEvent(booking_id=booking.id, at=start, from_state=None, to_state=state.value, reason="demonstration", sequence=0))
    return booking
