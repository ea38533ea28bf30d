"""One appointment as a calendar object (RFC 5545) and as an invitation by mail (RFC 5546, RFC 6047). The only importer of icalendar.

The UID stays for the booking's life and means nothing; SEQUENCE rises with every change that is sent; ORGANIZER is the platform's calendar
address and never changes; each person's invitation names only themselves as ATTENDEE. The title is the one its reader chose, and nothing
else in the object says what the appointment is for. Times are UTC.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias
from uuid import uuid4

from icalendar import Calendar, Event, vCalAddress

Method: TypeAlias = Literal["REQUEST", "CANCEL"]
Status: TypeAlias = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]

DEFAULT_TITLE = "Appointment"
PRODUCT = "-//Attune//Appointments//EN"


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a calendar object: a mail address and the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Appointment:
    """What one reader's calendar is told. `sequence` counts the changes sent before; `changed_at` becomes DTSTAMP."""

    uid: str
    sequence: int
    start: datetime
    end: datetime
    changed_at: datetime
    status: Status
    organizer: Party
    reader: Party
    title: str = DEFAULT_TITLE
    note: str = ""
    place: str = ""


def new_uid() -> str:
    """A globally unique UID from which nobody can be guessed (RFC 7986, 5.3)."""
    return str(uuid4())


def invitation(appointment: Appointment) -> bytes:
    """The object that a mail carries: METHOD:CANCEL for a cancelled appointment, else METHOD:REQUEST. UTF-8, CRLF, lines of at most 75
    octets.
    """
    event = _event(appointment)
    event.add("organizer", _address(appointment.organizer))
    attendee = _address(appointment.reader)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    # Whoever books or confirms has already agreed; a calendar that asks again would mail an answer to nobody.
    attendee.params["PARTSTAT"] = "NEEDS-ACTION" if appointment.status == "TENTATIVE" else "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    event.add("attendee", attendee)
    return _calendar(event, method_of(appointment.status))


def calendar_file(appointment: Appointment) -> bytes:
    """The file a person downloads: METHOD:PUBLISH, which names no attendee (RFC 5546, 3.2.1)."""
    event = _event(appointment)
    event.add("organizer", _address(appointment.organizer))
    return _calendar(event, "PUBLISH")


def method_of(status: Status) -> Method:
    """The iTIP method that carries an appointment of this status."""
    return "CANCEL" if status == "CANCELLED" else "REQUEST"


def mime_type(method: str) -> str:
    """Content type of the mail part; programs ignore a cancellation whose part does not repeat the method (RFC 6047, 2.4)."""
    return f"text/calendar; method={method}; charset=utf-8"


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    event.add("dtstart", appointment.start)
    event.add("dtend", appointment.end)
    event.add("summary", _one_line(appointment.title) or DEFAULT_TITLE)
    event.add("status", appointment.status)
    event.add("transp", "TRANSPARENT" if appointment.status == "CANCELLED" else "OPAQUE")
    event.add("class", "PRIVATE")
    if appointment.note:
        event.add("description", appointment.note)
    if appointment.place:
        event.add("location", appointment.place)
    return event


def _calendar(event: Event, method: str) -> bytes:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.address}")
    # A double quote cannot be written inside a quoted parameter value, and a line break would end the property (RFC 5545, 3.2).
    name = _one_line(party.name).replace('"', "'")
    if name:
        address.params["CN"] = name
    return address


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
