"""Appointments as calendar objects (RFC 5545): an invitation by mail (RFC 5546, RFC 6047), a file, a feed, a resource of a calendar server.

The UID stays for the booking's life and means nothing; SEQUENCE rises with every change that is sent; ORGANIZER is the platform's calendar
address and never changes; each person's invitation names only themselves as ATTENDEE. The title is the one its reader chose, and nothing
else in the object says what the appointment is for. Times are UTC, but those that name a date of a series (`booking.series_invitation`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Literal, TypeAlias
from uuid import uuid4

from icalendar import Calendar, Event, TimezoneDaylight, TimezoneStandard, vCalAddress, vRecur
from icalendar import Timezone as VTimezone

from booking.calendar.zone_rules import zone_rules
from core.zones import zone

Method: TypeAlias = Literal["REQUEST", "CANCEL"]
CalendarEvent: TypeAlias = Event
Status: TypeAlias = Literal["TENTATIVE", "CONFIRMED", "CANCELLED"]

DEFAULT_TITLE = "Appointment"
PRODUCT = "-//Attune//Appointments//EN"
NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody in a calendar object: a mail address and the name shown beside it."""

    address: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Which date of a series an appointment is: where the rhythm has it, whatever it was moved to, and the zone of the rhythm's wall clock."""

    start: datetime
    zone: str


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
    occurrence: "Occurrence | None" = None


def new_uid() -> str:
    """A globally unique UID from which nobody can be guessed (RFC 7986, 5.3)."""
    return str(uuid4())


def invitation(appointment: Appointment) -> bytes:
    """The object that a mail carries: METHOD:CANCEL for a cancelled appointment, else METHOD:REQUEST. UTF-8, CRLF, lines of at most 75
    octets.
    """
    return calendar_of([addressed(appointment)], method_of(appointment.status), zones=_zones_of(appointment))


def calendar_file(appointment: Appointment) -> bytes:
    """The file a person downloads: METHOD:PUBLISH, which names no attendee (RFC 5546, 3.2.1)."""
    return calendar_of([published(appointment)], "PUBLISH", zones=_zones_of(appointment))


def caldav_resource(appointment: Appointment) -> bytes:
    """The object that is PUT to somebody's calendar server: without METHOD (RFC 4791, 4.1), under the UID of the mail, and with SCHEDULE-AGENT=CLIENT
    (RFC 6638, 7.1), so that the server does not invite anybody once more.
    """
    event = addressed(appointment)
    for name in ("ORGANIZER", "ATTENDEE"):
        event[name].params["SCHEDULE-AGENT"] = "CLIENT"
    return calendar_of([event], None, zones=_zones_of(appointment))


def addressed(appointment: Appointment) -> Event:
    """The event with its organiser and its one reader."""
    event = published(appointment)
    attendee = _address(appointment.reader)
    attendee.params["ROLE"] = "REQ-PARTICIPANT"
    # Whoever books or confirms has already agreed; a calendar that asks again would mail an answer to nobody.
    attendee.params["PARTSTAT"] = "NEEDS-ACTION" if appointment.status == "TENTATIVE" else "ACCEPTED"
    attendee.params["RSVP"] = "FALSE"
    event.add("attendee", attendee)
    return event


def method_of(status: Status) -> Method:
    """The iTIP method that carries an appointment of this status."""
    return "CANCEL" if status == "CANCELLED" else "REQUEST"


def mime_type(method: str) -> str:
    """Content type of the mail part; programs ignore a cancellation whose part does not repeat the method (RFC 6047, 2.4)."""
    return f"text/calendar; method={method}; charset=utf-8"


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", appointment.uid)
    if appointment.occurrence is not None:
        event.add("recurrence-id", local_to(appointment.occurrence.start, appointment.occurrence.zone))
    event.add("sequence", appointment.sequence)
    event.add("dtstamp", appointment.changed_at)
    event.add("dtstart", appointment.start)
    event.add("dtend", appointment.end)
    event.add("summary", _one_line(appointment.title) or DEFAULT_TITLE)
    event.add("status", appointment.status)
    event.add("transp", "TRANSPARENT" if appointment.status == "CANCELLED" else "OPAQUE")
    event.add("class", "PRIVATE")
    if appointment.note:
        event.add("description", _lines(appointment.note))
    if appointment.place:
        event.add("location", _one_line(appointment.place))
    return event


def published(appointment: Appointment) -> Event:
    """The event with its organiser and nobody else."""
    event = _event(appointment)
    event.add("organizer", _address(appointment.organizer))
    return event


def calendar_of(
    events: Sequence[Event],
    method: str | None,
    *,
    zones: Sequence[tuple[str, datetime, datetime]] = (),
    about: Mapping[str, str] = NOTHING,
    refreshed_every: timedelta | None = None,
) -> bytes:
    """The file; `zones` are those that the events name, each with the first and the last instant for which its rules must be told; `about` are further
    properties of the calendar itself.
    """
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    if method is not None:
        calendar.add("method", method)
    for key, value in about.items():
        calendar.add(key, value)
    if refreshed_every is not None:
        calendar.add("refresh-interval", refreshed_every, parameters={"VALUE": "DURATION"})
    for name, first, last in zones:
        calendar.add_component(_timezone(name, first, last))
    for event in events:
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def local_to(instant: datetime, zone_name: str) -> datetime:
    """The instant on the wall clock of a zone; written with its TZID."""
    return instant.astimezone(zone(zone_name))


def _zones_of(appointment: Appointment) -> list[tuple[str, datetime, datetime]]:
    date = appointment.occurrence
    return [] if date is None or date.zone == "UTC" else [(date.zone, min(date.start, appointment.start), max(date.start, appointment.end))]


def _timezone(name: str, first: datetime, last: datetime) -> VTimezone:
    """Rules instead of lists of dates: some programs read no others (RFC 5545, 3.6.5)."""
    timezone = VTimezone()
    timezone.add("tzid", name)
    for part in zone_rules(name, int(first.timestamp()), int(last.timestamp())):
        observance = TimezoneDaylight() if part.is_summer else TimezoneStandard()
        observance.add("dtstart", part.wall_start)
        observance.add("tzoffsetfrom", timedelta(seconds=part.offset_from))
        observance.add("tzoffsetto", timedelta(seconds=part.offset_to))
        if part.rule is not None:
            observance.add("rrule", vRecur.from_ical(part.rule))
        if part.name:
            observance.add("tzname", part.name)
        timezone.add_component(observance)
    return timezone


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.address}")
    # A double quote cannot be written inside a quoted parameter value, and a line break would end the property (RFC 5545, 3.2).
    name = _one_line(party.name).replace('"', "'")
    if name:
        address.params["CN"] = name
    return address


def _lines(text: str) -> str:
    """Line breaks of any kind as one kind, without other control characters: what is left can be escaped (RFC 5545, 3.3.11)."""
    return "\n".join("".join(c if c.isprintable() or c == "\t" else " " for c in line) for line in text.splitlines())


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())
