"""Calendar objects: what mail programs need, what other people must not read, and names that break naive writers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from booking.calendar.invitation import Appointment, Party, calendar_file, invitation, method_of, mime_type, new_uid

START = datetime(2027, 3, 14, 17, tzinfo=UTC)
AWKWARD = 'Ann; "A", Łukasz\n☂' * 40
CONFIRMED = Appointment(
    uid=new_uid(),
    sequence=0,
    start=START,
    end=START + timedelta(minutes=50),
    changed_at=datetime(2027, 3, 1, 9, 30, tzinfo=UTC),
    status="CONFIRMED",
    organizer=Party("calendar@example.org", "Attune"),
    reader=Party("ann@example.net", "Ann"),
)


def event_of(data: bytes):
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    return event


def test_F1_a_confirmed_appointment_is_a_request_with_an_opaque_uid():
    data = invitation(CONFIRMED)
    lines = data.decode().split("\r\n")
    assert "METHOD:REQUEST" in lines
    assert "SEQUENCE:0" in lines
    assert "STATUS:CONFIRMED" in lines
    assert "DTSTAMP:20270301T093000Z" in lines
    assert "DTSTART:20270314T170000Z" in lines
    assert "DTEND:20270314T175000Z" in lines
    assert f"UID:{CONFIRMED.uid}" in lines
    assert mime_type(method_of("CONFIRMED")) == "text/calendar; method=REQUEST; charset=utf-8"
    assert "ann" not in CONFIRMED.uid.lower()
    assert new_uid() != new_uid()


def test_F3_a_cancellation_repeats_uid_organizer_and_attendee():
    asked, ended = event_of(invitation(CONFIRMED)), event_of(invitation(replace(CONFIRMED, status="CANCELLED", sequence=3)))
    data = invitation(replace(CONFIRMED, status="CANCELLED", sequence=3)).decode().split("\r\n")
    assert "METHOD:CANCEL" in data
    assert "STATUS:CANCELLED" in data
    assert "SEQUENCE:3" in data
    for name in ("UID", "ORGANIZER", "ATTENDEE", "DTSTART", "DTEND"):
        assert asked[name] == ended[name]
    assert asked["ATTENDEE"].params == ended["ATTENDEE"].params
    assert mime_type(method_of("CANCELLED")) == "text/calendar; method=CANCEL; charset=utf-8"


def test_F4_a_request_is_tentative_first_and_confirmed_under_the_same_uid():
    asked = event_of(invitation(replace(CONFIRMED, status="TENTATIVE")))
    confirmed = event_of(invitation(replace(CONFIRMED, sequence=1)))
    assert (asked["STATUS"], int(asked["SEQUENCE"])) == ("TENTATIVE", 0)
    assert (confirmed["STATUS"], int(confirmed["SEQUENCE"])) == ("CONFIRMED", 1)
    assert asked["UID"] == confirmed["UID"]


def holds_together(data: bytes) -> None:
    lines = data.split(b"\r\n")
    assert lines[-1] == b""
    for line in lines:
        assert len(line) <= 75
        assert b"\n" not in line
        assert b"\r" not in line
        line.decode("utf-8")


def test_F7_an_awkward_name_survives_folding_and_quoting():
    data = invitation(replace(CONFIRMED, title="Sitting; with, Ł☂ " * 30, reader=Party("ann@example.net", AWKWARD), note=AWKWARD))
    holds_together(data)
    assert rb"\;" in data
    assert rb"\," in data
    assert rb"\n" in data
    event = event_of(data)
    assert str(event["DESCRIPTION"]) == AWKWARD
    assert str(event["SUMMARY"]) == ("Sitting; with, Ł☂ " * 30).strip()
    assert event["ATTENDEE"].params["CN"] == " ".join(AWKWARD.split()).replace('"', "'")
    assert event["ATTENDEE"] == "mailto:ann@example.net"


@settings(max_examples=300)
@given(st.text(max_size=120), st.text(max_size=120).filter(lambda text: "\r" not in text))
def test_F7_no_name_or_title_breaks_the_file_or_adds_a_line_to_it(name, title):
    data = invitation(replace(CONFIRMED, reader=Party("ann@example.net", name), title=title))
    holds_together(data)
    (event,) = Calendar.from_ical(data).walk("VEVENT")
    assert str(event["UID"]) == CONFIRMED.uid
    assert set(event) <= {
        "UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "STATUS", "TRANSP", "CLASS", "ORGANIZER", "ATTENDEE",
    }  # fmt: skip


def test_each_invitation_lists_only_its_reader():
    for reader in (Party("ann@example.net", "Ann"), Party("rose@example.com", "Rose")):
        event = event_of(invitation(replace(CONFIRMED, reader=reader)))
        assert event["ATTENDEE"] == f"mailto:{reader.address}"
        assert event["ORGANIZER"] == "mailto:calendar@example.org"


@pytest.mark.parametrize("title", ["", "   ", "\n"])
def test_the_title_is_neutral_unless_its_reader_chose_one(title):
    assert event_of(invitation(CONFIRMED))["SUMMARY"] == "Appointment"
    assert event_of(invitation(replace(CONFIRMED, title=title)))["SUMMARY"] == "Appointment"
    assert event_of(invitation(replace(CONFIRMED, title="Coffee")))["SUMMARY"] == "Coffee"


def test_nothing_in_the_file_says_what_the_appointment_is_for():
    for data in (invitation(CONFIRMED), calendar_file(CONFIRMED)):
        words = data.decode().lower()
        assert not [word for word in ("therap", "psych", "counsel", "clinic", "health", "mental", "patient", "client") if word in words]


def test_the_downloaded_file_publishes_and_names_no_attendee():
    data = calendar_file(CONFIRMED)
    holds_together(data)
    assert b"METHOD:PUBLISH" in data
    assert "ATTENDEE" not in event_of(data)
