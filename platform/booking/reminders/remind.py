"""Reminders by mail, 24 hours and 1 hour before an appointment, for each of its people as they chose.

The hours are elapsed hours: across a change of the clocks the day before's reminder comes an hour earlier or later on the wall than the appointment. Each is
a job of the step that confirmed or moved the appointment, and looks anew when it runs: what was called off or moved is not reminded of, nor is what is past. A
time that was agreed on too late for a reminder has none, and one that could not be sent in its time (24 hours: before the other is due) is left out.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from accounts.people import recipient_of
from booking.disruption.disrupted_times import off_at_present
from booking.letters import MODES, booking_with_people, client_names
from booking.lifecycle import State
from booking.meeting import JOIN_PAGE, needs_arrival
from booking.models import Booking, BookingParticipant
from booking.paying.reminded import money_facts
from booking.reminders.choice import reminders_of
from booking.reminders.link import Pass, Purpose, link_secret
from booking.reminders.models import HOURS_BEFORE
from core.clock import now as now_of_transaction
from core.configuration import setting
from core.jobs import job
from notices.outbox import send

HOUR = timedelta(hours=1)
# Until how long before the start each may still go out.
LATEST = {24: HOUR, 1: timedelta(0)}
COMING_PAGE, CHANGE_PAGE = "appointment/coming", "appointment/change"


def schedule_reminders(bookings: Iterable[Booking], *, now: datetime) -> None:
    """Enqueue those that are still to come for the time that each has now, in the transaction that gave it this time. One statement."""
    timed: list[tuple[datetime, dict[str, int | str]]] = [
        (booking.starts_at - hours * HOUR, {"booking_id": booking.id, "hours_before": hours, "start": int(booking.starts_at.timestamp())})
        for booking in bookings
        for hours in HOURS_BEFORE
    ]
    remind.enqueue_all_at([(due, ids) for due, ids in timed if due > now])


@job("booking.remind")
def remind(booking_id: int, hours_before: int, start: int) -> None:
    """Write to everybody who wants this reminder, if the appointment stands and still has the time (UTC seconds) for which it was set."""
    now = now_of_transaction()
    booking = booking_with_people(booking_id)
    if booking.stands is not State.CONFIRMED or int(booking.starts_at.timestamp()) != start or now >= booking.starts_at - LATEST[hours_before]:
        return
    if off_at_present([booking_id]):
        return
    money = money_facts(booking)
    for participant in booking.participants:
        _write(booking, participant.person_id, hours_before, {**_facts(booking), **money, **_links(participant, start)}, side="client", now=now)
    said = [each.person.name for each in booking.participants if each.coming_to == booking.starts_at and each.person.name]
    facts = {**_facts(booking), "client": client_names(booking), "coming": said}
    _write(booking, booking.therapist_id, hours_before, facts, side="therapist", now=now)


def _write(booking: Booking, person_id: int, hours_before: int, facts: dict[str, Any], *, side: str, now: datetime) -> None:
    recipient = recipient_of(person_id)
    if recipient is None or hours_before not in reminders_of(person_id):
        return
    due = int(booking.starts_at.timestamp()) - hours_before * 3600
    once = f"booking-reminder:{booking.id}:{due}:{hours_before}:{person_id}"
    send(recipient, kind="booking_reminder", template=f"booking/reminder_{side}", facts=facts, once=once, now=now, person_id=person_id)


def _facts(booking: Booking) -> dict[str, Any]:
    return {
        "therapist": booking.therapist.display_name,
        "start": booking.starts_at,
        "minutes": (booking.ends_at - booking.starts_at) // timedelta(minutes=1),
        "how": MODES.get(booking.mode, ""),
        "join_page": f"{JOIN_PAGE}/{booking.public_id}" if needs_arrival(booking.mode) else "",
    }


def _links(participant: BookingParticipant, start: int) -> dict[str, Any]:
    given = Pass(participant.public_id, start)

    def link(page: str, purpose: Purpose) -> str:
        return f"{setting('BASE_URL')}/{page}#token={link_secret(purpose, given, key=setting('SECRET_KEY'))}"

    said = participant.coming_to is not None and int(participant.coming_to.timestamp()) == start
    return {"coming_link": "" if said else link(COMING_PAGE, "coming"), "change_link": link(CHANGE_PAGE, "change")}
