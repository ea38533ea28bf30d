"""What everybody is told about a step of a booking: one letter each, with the calendar object that belongs to that step.

A letter is written by a job from the step's own row, so it says what was true then however late the job runs; the calendar sequence keeps programs from
going back. Subjects say nothing but that something about an appointment changed.
"""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from accounts.people import recipient_of
from booking.after.outcomes import contest_until
from booking.calendar.invitation import DEFAULT_TITLE, Appointment, Occurrence, Party, Status, invitation, method_of
from booking.calendar.organizer import organizer, where_to_look
from booking.disruption.links import AWAY, link_for
from booking.expiry import request_expires_at
from booking.lifecycle import State
from booking.meeting import AFTER_PAGE, BOOK_PAGE, JOIN_PAGE, WEEK_PAGE, needs_arrival
from booking.models import Booking, BookingEvent, BookingParticipant
from booking.openings.alternatives import Alternative, alternatives_to
from booking.series.models import Series
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job
from notices.letter import local_time
from notices.outbox import CalendarPart, Recipient, send

# What a calendar shows after the step. A hold is nobody's business yet, and what is over stays in the calendar as it was.
CALENDAR_STATUS: dict[State, Status] = {
    State.REQUESTED: "TENTATIVE",
    State.CONFIRMED: "CONFIRMED",
    State.CANCELLED: "CANCELLED",
    State.DECLINED: "CANCELLED",
    State.WITHDRAWN: "CANCELLED",
    State.EXPIRED: "CANCELLED",
}
# Called off by nobody of the two, but by the platform, because the therapist cannot be there. After the last one there is no therapist to write to.
LEAVES, STOPPED, STOPPED_FOR_GOOD = "therapist_leaves", "stopped", "stopped_for_good"
# So do these, right before a session: what the therapist may do has changed, or a client is where they may not be treated.
MAY_NOT_TREAT, PLACE = "may_not_treat", "place"
BY_PLATFORM = frozenset({LEAVES, STOPPED, STOPPED_FOR_GOOD, MAY_NOT_TREAT, PLACE, AWAY})
# What is said about a session and changes nothing in a calendar: only the other side is written to.
REPORTED = frozenset({"reported", "contested"})
# A client took a seat in a group that stands, or gave it up: nothing changes for its therapist's calendar, and for nobody else.
JOINED, LEFT = "joined", "left"
SEATS = {JOINED: State.CONFIRMED.value, LEFT: State.CANCELLED.value}
# Moved by nobody: the zone has other clock rules, and the time of day stays.
CLOCK_RULES = "clock_rules"
OFFERS_OTHERS = frozenset({State.DECLINED, State.EXPIRED})
MODES = {"video": "by video", "phone": "by phone", "in_person": "in person", "walk_and_talk": "on a walk", "text": "in writing"}


def is_told(before: State | None, after: State) -> bool:
    """Whether a step is anybody's business: not the beginning of a hold, nor its end when nothing came of it. Proposals and offers write their own letters."""
    return after in CALENDAR_STATUS and (before is not State.HELD or after in {State.REQUESTED, State.CONFIRMED})


@job("booking.tell")
def tell(event_id: int) -> None:
    """Write to everybody whom this step concerns."""
    now = now_of_transaction()
    event = db.session.execute(select(BookingEvent).where(BookingEvent.id == event_id)).scalar_one()
    booking = booking_with_people(event.booking_id)
    whom = booking.participants if event.person_id is None else [_seat(booking.id, event.person_id)]
    for participant in whom:
        _write_to_client(booking, event, participant, now=now)
    _write_to_therapist(booking, event, now=now)


def _seat(booking_id: int, person_id: int) -> BookingParticipant:
    """Also of somebody who has left."""
    wanted = select(BookingParticipant).where(BookingParticipant.booking_id == booking_id, BookingParticipant.person_id == person_id)
    return db.session.execute(wanted.options(joinedload(BookingParticipant.person))).scalar_one()


def booking_with_people(booking_id: int) -> Booking:
    """The booking with its therapist, service and participants."""
    people = (joinedload(Booking.therapist), joinedload(Booking.service), selectinload(Booking.participants).joinedload(BookingParticipant.person))
    return db.session.execute(select(Booking).where(Booking.id == booking_id).options(*people)).scalar_one()


def chase_therapist(booking_id: int, *, now: datetime) -> None:
    """Remind the therapist of a request that still waits."""
    booking = booking_with_people(booking_id)
    recipient = recipient_of(booking.therapist_id)
    if recipient is None or booking.state != State.REQUESTED or booking.lapses_at is None or booking.lapses_at <= now:
        return
    facts = {**_facts(booking, None), "client": client_names(booking)}
    send(
        recipient,
        kind="booking_chase",
        template="booking/chase_therapist",
        facts=facts,
        once=f"booking-chase:{booking.id}",
        now=now,
        person_id=booking.therapist_id,
    )


@job("booking.tell_of_clash")
def tell_of_clash(booking_id: int) -> None:
    """Tell both sides that the time of day could not be kept under new clock rules: the time is taken."""
    now, booking = now_of_transaction(), booking_with_people(booking_id)
    facts, once = {**_facts(booking, None), "client": client_names(booking)}, f"booking-clash:{booking.id}:{booking.tzdata}"
    sides = [(booking.therapist_id, "therapist"), *((each.person_id, "client") for each in booking.participants)]
    for person_id, side in sides:
        if recipient := recipient_of(person_id):
            template = f"booking/clocks_clash_{side}"
            send(recipient, kind="booking_clocks_clash", template=template, facts=facts, once=f"{once}:{person_id}", now=now, person_id=person_id)


def appointment_of(
    booking: Booking, *, status: Status, sequence: int, changed_at: datetime, reader: Party, title: str | None, start: datetime | None = None
) -> Appointment:
    """What the calendar of one reader is told about this booking; `start` is where it stood at the time, if not where it stands now.

    A date of a series is told as such: under the name of its series, with the date that the rhythm gave it.
    """
    start = start or booking.starts_at
    series = db.session.get(Series, booking.series_id) if booking.series_id is not None else None
    return Appointment(
        uid=series.calendar_uid if series else booking.calendar_uid,
        sequence=sequence,
        start=start,
        end=start + (booking.ends_at - booking.starts_at),
        changed_at=changed_at,
        status=status,
        organizer=organizer(),
        reader=reader,
        title=title or DEFAULT_TITLE,
        note=where_to_look(),
        occurrence=Occurrence(booking.series_start, series.zone) if series and booking.series_start else None,
    )


def series_appointment(series: Series, *, status: Status, sequence: int, changed_at: datetime, reader: Party, title: str | None) -> Appointment:
    """What all dates of a series have in common, at the first of them."""
    return Appointment(
        uid=series.calendar_uid,
        sequence=sequence,
        start=series.starts_at,
        end=series.starts_at + timedelta(minutes=series.minutes),
        changed_at=changed_at,
        status=status,
        organizer=organizer(),
        reader=reader,
        title=title or DEFAULT_TITLE,
        note=where_to_look(),
    )


def _write_to_client(booking: Booking, event: BookingEvent, participant: BookingParticipant, *, now: datetime) -> None:
    recipient = recipient_of(participant.person_id)
    if recipient is None:
        return
    facts: dict[str, Any] = _facts(booking, event)
    facts["has_note"] = booking.end_note is not None
    if event.reason == AWAY:
        facts.update(link_for(booking.id, participant.person_id))
    if State(event.to_state) in OFFERS_OTHERS:
        facts["others"] = [_line(other, recipient) for other in alternatives_to(booking, client_id=participant.person_id, now=now)]
    _send(
        booking,
        event,
        recipient,
        side="client",
        name=participant.person.name,
        title=participant.title,
        person_id=participant.person_id,
        facts=facts,
        # A step of theirs alone was counted when it was written down.
        ahead=participant.seat_steps if event.person_id is None else 0,
        now=now,
    )


def _write_to_therapist(booking: Booking, event: BookingEvent, *, now: datetime) -> None:
    recipient = recipient_of(booking.therapist_id)
    if recipient is None or event.reason == STOPPED_FOR_GOOD:
        return
    facts: dict[str, Any] = {**_facts(booking, event), "client": client_names(booking)}
    facts["has_note"] = booking.end_note is not None
    if event.person_id is not None and what_happened(event) in SEATS:
        facts["client"] = _seat(booking.id, event.person_id).person.name or "Somebody"
    name = booking.therapist.display_name
    _send(booking, event, recipient, side="therapist", name=name, title=None, person_id=booking.therapist_id, facts=facts, now=now)


def _send(
    booking: Booking,
    event: BookingEvent,
    recipient: Recipient,
    *,
    side: str,
    name: str | None,
    title: str | None,
    person_id: int,
    facts: dict[str, Any],
    now: datetime,
    ahead: int = 0,
) -> None:
    what = what_happened(event)
    if what in REPORTED and (side == "therapist") == facts["by_therapist"]:
        return  # said by this side
    status: Status = "CANCELLED" if what == LEFT else CALENDAR_STATUS[State(event.to_state)]
    appointment = appointment_of(
        booking,
        status=status,
        sequence=event.sequence + ahead,
        changed_at=event.at,
        reader=Party(recipient.address, name or ""),
        title=title,
        start=event.starts_at,
    )
    send(
        recipient,
        kind=f"booking_{what}",
        template=f"booking/{_template(event, side)}_{side}",
        facts=facts,
        once=f"booking-event:{event.id}:{person_id}",
        now=now,
        calendar=None if what in REPORTED or (what in SEATS and side == "therapist") else CalendarPart(method_of(status), invitation(appointment)),
        person_id=person_id,
    )


def what_happened(event: BookingEvent) -> str:
    """The word for a step: the state it led to, or for one that led to none: moved, clocks_changed, joined, left, reported, contested."""
    if event.from_state != event.to_state:
        return event.to_state
    if event.person_id is not None:
        return JOINED if event.reason == JOINED else LEFT
    if event.moved_from is not None:
        return "clocks_changed" if event.reason == CLOCK_RULES else "moved"
    return "contested" if event.reason == "contested" else "reported"


def _template(event: BookingEvent, side: str) -> str:
    what = what_happened(event)
    if side == "client":
        what = SEATS.get(what, what)  # it is the whole appointment to them
    if what != State.CANCELLED or event.reason not in BY_PLATFORM:
        return what
    return "away" if event.reason == AWAY and side == "client" else "called_off"


def _facts(booking: Booking, event: BookingEvent | None) -> dict[str, Any]:
    promise = timedelta(hours=booking.therapist.answer_within_hours)
    minutes = int((booking.ends_at - booking.starts_at).total_seconds()) // 60
    return {
        "therapist": booking.therapist.display_name,
        "start": (event and event.starts_at) or booking.starts_at,
        "moved_from": event and event.moved_from,
        "region": booking.zone,
        "free_of_charge": booking.moved_by_therapist,
        "by_therapist": event is not None and event.actor_person_id == booking.therapist_id,
        "by_staff": event is not None and event.actor_person_id not in {None, booking.therapist_id, *(each.person_id for each in booking.participants)},
        "outcome": event and event.reason,
        "contest_until": event and contest_until(event.at),
        "minutes": minutes,
        "how": MODES.get(booking.mode, ""),
        "is_consultation": booking.kind == "consultation",
        "is_late": booking.cancelled_late and booking.late_fee_percent > 0,
        "after_page": f"{AFTER_PAGE}/{booking.public_id}",
        "week_page": f"{WEEK_PAGE}/{booking.public_id}",
        # Only our own page: the way in stands in no mail.
        "join_page": f"{JOIN_PAGE}/{booking.public_id}" if needs_arrival(booking.mode) else "",
        # As it was when it was asked for, also for a letter that is written after the answer.
        "answer_by": booking.lapses_at or request_expires_at(booking.created_at, booking.starts_at, promise=promise),
    }


def client_names(booking: Booking) -> str:
    """Who attends, for the therapist to read; the people are loaded."""
    names = [participant.person.name for participant in booking.participants if participant.person.name]
    return " and ".join(names) or "Somebody"


def _line(other: Alternative, recipient: Recipient) -> tuple[str, str]:
    """Its words, and the page on which it is booked."""
    return f"{other.therapist_name}: {local_time(other.start, recipient.zone)}", f"{BOOK_PAGE}/{other.service_id}/{int(other.start.timestamp())}"
