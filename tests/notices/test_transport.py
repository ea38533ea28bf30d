"""Real SMTP on loopback, and the mailbox folder."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.db import transaction
from notices.letter import CalendarPart, Letter
from notices.message import message_of
from notices.refused import Refused
from notices.transport import MailboxFolder, SmtpTransport

AT = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)


class Server:
    """A mail server with a memory; `rcpt` and `data` are what it answers."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.signed_in: list[bytes] = []
        self.rcpt, self.data = "250 OK", "250 OK"

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data.startswith("250"):
            self.envelopes.append(envelope)
        return self.data

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, auth_data: Any) -> AuthResult:
        assert isinstance(auth_data, LoginPassword)
        self.signed_in.append(auth_data.login)
        return AuthResult(success=auth_data.password == b"p@ss/word")


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
def port(server: Server) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        number: int = free.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=number, authenticator=server.authenticate, auth_require_tls=False)
    controller.start()
    yield number
    controller.stop(no_assert=True)


def a_message(**changes: Any) -> EmailMessage:
    letter = Letter(**{"address": "robin@example.org", "subject": "Hello ä", "text": ".\nTwo\n", "html": "<p>Two</p>", **changes})
    return message_of(letter, sender="Attune <hello@attune.example>", message_id="<1@attune.example>", written_at=AT)


def test_a_message_arrives_whole(server: Server, port: int) -> None:
    calendar = CalendarPart("REQUEST", b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n")
    SmtpTransport(f"smtp://127.0.0.1:{port}").send(a_message(calendar=calendar), to="robin@example.org")
    (envelope,) = server.envelopes
    assert envelope.mail_from == "hello@attune.example"
    assert envelope.rcpt_tos == ["robin@example.org"]
    message = message_from_bytes(envelope.content or b"", policy=default)  # type: ignore[arg-type]
    assert message["Subject"] == "Hello ä"
    assert message.get_body(("plain",)).get_content().splitlines() == [".", "Two"]  # type: ignore[union-attr]
    assert [part.get_content_type() for part in message.walk()][-2:] == ["text/calendar", "application/ics"]


def test_it_signs_in_when_the_url_says_so(server: Server, port: int) -> None:
    SmtpTransport(f"smtp://us%40er:p%40ss%2Fword@127.0.0.1:{port}").send(a_message(), to="robin@example.org")
    assert server.signed_in == [b"us@er"]
    assert len(server.envelopes) == 1


@pytest.mark.parametrize(("rcpt", "data"), [("550 no such user", "250 OK"), ("250 OK", "554 we do not like it")])
def test_a_5xx_is_a_refusal_for_good(server: Server, port: int, rcpt: str, data: str) -> None:
    server.rcpt, server.data = rcpt, data
    with pytest.raises(Refused, match=r"smtp_55\d") as caught:
        SmtpTransport(f"smtp://127.0.0.1:{port}").send(a_message(), to="robin@example.org")
    assert "robin" not in str(caught.value)


@pytest.mark.parametrize(("rcpt", "data"), [("450 mailbox busy", "250 OK"), ("250 OK", "451 later")])
def test_a_4xx_means_later(server: Server, port: int, rcpt: str, data: str) -> None:
    server.rcpt, server.data = rcpt, data
    with pytest.raises(Exception, match=r"45\d") as caught:
        SmtpTransport(f"smtp://127.0.0.1:{port}").send(a_message(), to="robin@example.org")
    assert caught.type is not Refused


def test_a_bad_goodbye_after_the_message_was_taken_is_no_failure() -> None:
    """Raw sockets, because a well-behaved server cannot misbehave at QUIT."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            verb = line.split()[0].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"421 tired\r\n" if verb == b"QUIT" else b"250 OK\r\n")
            await writer.drain()
        writer.close()

    async def scene() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            await asyncio.to_thread(SmtpTransport(f"smtp://127.0.0.1:{port}").send, a_message(), to="robin@example.org")

    asyncio.run(scene())


def test_a_password_never_travels_in_the_clear(port: int, monkeypatch: pytest.MonkeyPatch, server: Server) -> None:
    monkeypatch.setattr(SmtpTransport, "_is_here", property(lambda _: False))
    with pytest.raises(Exception, match="no TLS"):
        SmtpTransport(f"smtp://user:secret@127.0.0.1:{port}").send(a_message(), to="robin@example.org")
    with pytest.raises(Exception, match=r"(?i)starttls"):
        SmtpTransport(f"starttls://127.0.0.1:{port}").send(a_message(), to="robin@example.org")
    assert server.signed_in == []
    assert server.envelopes == []


@pytest.mark.parametrize("url", ["http://127.0.0.1", "127.0.0.1:25", "smtp://", ""])
def test_an_address_of_another_kind_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="SMTP_URL"):
        SmtpTransport(url)


def test_neither_transport_speaks_inside_a_transaction(database: None, tmp_path: Path) -> None:
    for transport in (SmtpTransport("smtp://127.0.0.1:1"), MailboxFolder(tmp_path / "mailbox")):
        with pytest.raises(RuntimeError, match="inside a transaction"), transaction():
            transport.send(a_message(), to="robin@example.org")
    assert not (tmp_path / "mailbox").exists()


def test_the_folder_keeps_one_file_per_message(tmp_path: Path) -> None:
    folder = MailboxFolder(tmp_path / "mailbox")
    assert folder.names() == []
    folder.send(a_message(), to="robin@example.org")
    folder.send(a_message(), to="robin@example.org")
    assert folder.names() == ["1"]
    assert b"Subject" in (folder.read("1") or b"")
    assert (tmp_path / "mailbox").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["../secret", "..", "/etc/passwd", "1.eml", "", "1/../../secret"])
def test_the_folder_gives_away_nothing_else(tmp_path: Path, name: str) -> None:
    (tmp_path / "secret.eml").write_text("no")
    folder = MailboxFolder(tmp_path / "mailbox")
    folder.send(a_message(), to="robin@example.org")
    assert folder.read(name) is None
