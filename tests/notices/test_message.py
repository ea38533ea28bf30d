"""Mail messages: structure, headers, the calendar part."""

from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notices.letter import CalendarPart, Letter
from notices.message import message_of

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
CALENDAR = b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Termin \xc3\xa4\r\nEND:VCALENDAR\r\n"


def sent(letter: Letter, sender: str = "Attune <hello@attune.example>") -> EmailMessage:
    """As the other side reads it."""
    return message_from_bytes(bytes(message_of(letter, sender=sender, message_id="<1@attune.example>", written_at=AT)), policy=default)


def a_letter(**changes: object) -> Letter:
    return Letter(**{"address": "robin@example.org", "subject": "Hello", "text": "Text ä\n", "html": "<p>Text ä</p>", **changes})  # type: ignore[arg-type]


def test_text_and_html_are_alternatives() -> None:
    message = sent(a_letter())
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert message["Message-ID"] == "<1@attune.example>"
    assert message["From"].addresses[0].addr_spec == "hello@attune.example"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message.get_body(("plain",)).get_content().rstrip() == "Text ä"  # type: ignore[union-attr]


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL", "REPLY"])
def test_a_calendar_object_is_an_alternative_and_a_file(method: str) -> None:
    message = sent(a_letter(calendar=CalendarPart(method, CALENDAR)))  # type: ignore[arg-type]
    assert message.get_content_type() == "multipart/mixed"
    alternatives, file = message.iter_parts()
    calendar = list(alternatives.iter_parts())[-1]  # type: ignore[attr-defined]
    assert calendar.get_content_type() == "text/calendar"
    assert calendar.get_param("method") == method
    assert calendar.get_param("charset") == "utf-8"
    assert calendar.get_payload(decode=True) == CALENDAR
    assert file.get_filename() == "invite.ics"
    assert file.get_payload(decode=True) == CALENDAR


@pytest.mark.parametrize("address", ["a@example.org\r\nBcc: b@example.org", "a@example.org\nX: y", "no-at-sign", ""])
def test_an_address_cannot_carry_a_header(address: str) -> None:
    with pytest.raises(ValueError, match="mail address"):
        message_of(a_letter(address=address), sender="hello@attune.example", message_id="<1@a>", written_at=AT)


def test_a_subject_with_a_line_break_is_refused_by_the_library() -> None:
    with pytest.raises(ValueError, match=r"linefeed|newline|CR"):
        message_of(a_letter(subject="a\r\nBcc: b@example.org"), sender="hello@attune.example", message_id="<1@a>", written_at=AT)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=200))
def test_any_printable_subject_arrives_and_adds_no_header(subject: str) -> None:
    message = sent(a_letter(subject=" ".join(subject.split())))
    assert set(message.keys()) == {"From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type"}
