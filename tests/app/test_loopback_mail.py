"""The demonstration's mail server, spoken to by the standard library's client."""

import smtplib
from email.message import EmailMessage

import pytest

from app.loopback_mail import LoopbackMail, address_of, calendar_in, links_in, loopback_mail, text_of


def written(subject: str, text: str, calendar: bytes | None = None) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@attune.example", "shown@attune.example", subject
    message.set_content(text)
    if calendar:
        message.add_alternative(calendar, maintype="text", subtype="calendar", params={"method": "CANCEL", "charset": "utf-8"})
    return message


def send(server: LoopbackMail, message: EmailMessage, to: str) -> None:
    with smtplib.SMTP("127.0.0.1", int(server.url.rpartition(":")[2])) as client:
        client.send_message(message, to_addrs=[to])


def test_a_message_is_kept_for_the_address_of_its_envelope() -> None:
    with loopback_mail() as server:
        send(server, written("One", "See https://attune.example/x?token=abc. Bye.\n"), "real@attune.example")
        send(server, written("Two", "Łódź\n", b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"), "real@attune.example")
        first = server.wait_for(lambda message: address_of(message) == "real@attune.example")
        second = server.wait_for(lambda message: calendar_in(message) is not None)
    assert links_in(first) == ["https://attune.example/x?token=abc"]
    assert calendar_in(first) is None
    assert calendar_in(second) == ("CANCEL", "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    assert text_of(second).strip() == "Łódź"
    assert len(server.messages) == 2


def test_waiting_for_a_mail_that_never_comes_tells_what_came() -> None:
    with loopback_mail() as server:
        send(server, written("Only this", "x\n"), "real@attune.example")
        with pytest.raises(TimeoutError, match="Only this"):
            server.wait_for(lambda _: False, seconds=0.2)
