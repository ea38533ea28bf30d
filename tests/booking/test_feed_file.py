"""Feeds, files and resources as other programs read them: by the library that wrote them, and by one that did not."""

import random
from dataclasses import replace
from datetime import timedelta

import pytest
import vobject
from icalendar import Calendar

from booking.calendar.feed_file import feed_file
from booking.calendar.invitation import Party, caldav_resource, calendar_file, invitation
from tests.booking.test_invitation import AWKWARD, CONFIRMED, START, event_of, holds_together

AWFUL = ["\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nEND:VALARM", "\r\nBCC:ann@example.net", "\nATTENDEE:mailto:ann@example.net", "a\rb", "=HYPERLINK()", AWKWARD]
LETTERS = "aZ9 ,;:\\\"'^\n\t=()-_/ßŁéñЖ中あ한☂🜂👩‍⚕\u0301\u200d\u00ad\u2028\u202e\x00\x07\x1b\x7f\x85"


def random_texts(count: int) -> list[str]:
    """The same ones every time."""
    draw = random.Random(5545)
    return ["".join(draw.choices(LETTERS, k=draw.randrange(60))) for _ in range(count - len(AWFUL))] + AWFUL


def plain(text: str) -> str:
    """What may be left of a title: one line."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def lines(text: str) -> list[str]:
    """What may be left of a note: its lines, as far as they are no control characters."""
    return ["".join(letter if letter.isprintable() or letter == "\t" else " " for letter in line) for line in text.splitlines()]


def as_icalendar_reads(data: bytes) -> list[tuple[str, ...]]:
    said = ("UID", "SUMMARY", "DESCRIPTION", "LOCATION")
    return [(*(str(each.get(name, "")) for name in said), each["DTSTART"].dt.isoformat()) for each in Calendar.from_ical(data).walk("VEVENT")]


def as_vobject_reads(data: bytes) -> list[tuple[str, ...]]:
    def read(event: vobject.base.Component) -> tuple[str, ...]:
        said = [event.contents[name][0].value if name in event.contents else "" for name in ("uid", "summary", "description", "location")]
        return (*said, event.dtstart.value.isoformat())

    return [read(each) for each in vobject.readOne(data.decode()).contents["vevent"]]


def test_F7_R70_5000_random_names_and_notes_are_read_back_equal_by_two_programs():
    texts = random_texts(5001)
    given = [
        replace(CONFIRMED, uid=f"uid-{number}", title=title, note=note, place=place, start=START + timedelta(hours=number))
        for number, (title, note, place) in enumerate(zip(texts[0::3], texts[1::3], texts[2::3], strict=False))
    ]
    data = feed_file(given, name="Appointments")
    holds_together(data)
    expected = [(each.uid, plain(each.title) or "Appointment", "\n".join(lines(each.note)), plain(each.place), each.start.isoformat()) for each in given]
    assert as_icalendar_reads(data) == expected
    assert as_vobject_reads(data) == expected
    assert b"BEGIN:VALARM\r\n" not in data


@pytest.mark.parametrize("render", [invitation, calendar_file, caldav_resource])
@pytest.mark.parametrize("text", AWFUL)
def test_R70_a_name_or_note_that_is_calendar_text_is_inert(render, text):
    data = render(replace(CONFIRMED, title=text, note=text, place=text, reader=Party("rose@example.net", text)))
    holds_together(data)
    assert as_icalendar_reads(data) == as_vobject_reads(data)
    (component,) = vobject.readOne(data.decode()).components()
    assert sorted(component.contents) == sorted(name.lower() for name in event_of(data))
    assert not list(component.components()), "no alarm"
    assert component.location.value == plain(text)
    if render is not calendar_file:
        assert [each.value for each in component.contents["attendee"]] == ["mailto:rose@example.net"]


def test_F9_a_resource_of_a_calendar_server_has_no_method_and_the_uid_of_the_mail_and_nobody_is_invited_twice():
    resource, mail = caldav_resource(CONFIRMED), invitation(CONFIRMED)
    assert "METHOD" not in Calendar.from_ical(resource)
    event = event_of(resource)
    assert event["UID"] == event_of(mail)["UID"]
    for name in ("ORGANIZER", "ATTENDEE"):
        assert event[name].params["SCHEDULE-AGENT"] == "CLIENT"
        assert "SCHEDULE-AGENT" not in event_of(mail)[name].params
        assert event[name] == event_of(mail)[name]


def test_a_feed_says_how_often_to_come_back_and_names_no_attendee():
    data = feed_file([CONFIRMED], name="Appointments")
    text = data.decode()
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert "X-PUBLISHED-TTL:PT1H\r\n" in text
    assert "NAME:Appointments\r\n" in text
    assert "ATTENDEE" not in text
    assert feed_file([CONFIRMED], name="Appointments") == data
    empty = feed_file([], name="Appointments")
    assert list(Calendar.from_ical(empty).walk("VEVENT")) == []
