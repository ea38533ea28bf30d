"""A real SMTP server on this machine's loopback that keeps what it is given: where the mail of the demonstration goes."""

import asyncio
import email
import email.policy
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import SMTP

POLICY = email.policy.default


class LoopbackMail:
    """Messages in the order of their arrival. `url` is what SMTP_URL must be."""

    def __init__(self, port: int) -> None:
        self.url = f"smtp://127.0.0.1:{port}"
        self.messages: list[EmailMessage] = []
        self._changed = threading.Condition()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 the name aiosmtpd calls
        """Keep one message. The envelope decides who it is for."""
        message = email.message_from_bytes(envelope.content, policy=POLICY)
        assert isinstance(message, EmailMessage)
        message["X-Envelope-To"] = ", ".join(envelope.rcpt_tos)
        with self._changed:
            self.messages.append(message)
            self._changed.notify_all()
        return "250 kept"

    def wait_for(self, wanted: Callable[[EmailMessage], bool], *, seconds: float = 25) -> EmailMessage:
        """The first message that is `wanted`, waiting for it. Refuses with TimeoutError, which names what came."""
        give_up = time.monotonic() + seconds
        with self._changed:
            while True:
                found = next(filter(wanted, self.messages), None)
                left = give_up - time.monotonic()
                if found is not None:
                    return found
                if left <= 0:
                    came = [f"{address_of(message)}: {message['Subject']}" for message in self.messages]
                    raise TimeoutError(f"no such mail came within {seconds:.0f} s; there were {came}")
                self._changed.wait(left)


def address_of(message: EmailMessage) -> str:
    """Where the envelope said it goes."""
    return str(message["X-Envelope-To"])


def text_of(message: EmailMessage) -> str:
    """The plain text part."""
    part = message.get_body(("plain",))
    return "" if part is None else str(part.get_content())


def links_in(message: EmailMessage) -> list[str]:
    """The addresses in the plain text, in order."""
    return [found.rstrip(".,)>") for found in re.findall(r"https?://[^\s<>\"]+", text_of(message))]


def calendar_in(message: EmailMessage) -> tuple[str, str] | None:
    """Method and content of the calendar object that mail programs act on (RFC 6047): the text/calendar part. None without one."""
    for part in message.walk():
        if part.get_content_type() == "text/calendar":
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            return str(part.get_param("method")), content.decode()
    return None


def calendar_text(message: EmailMessage) -> str:
    """The content of the calendar object; empty without one."""
    found = calendar_in(message)
    return found[1] if found else ""


def property_of(content: str, name: str) -> str:
    """The value of the first property of that name in a calendar object; folded lines are joined first (RFC 5545, 3.1)."""
    lines = content.replace("\r\n ", "").splitlines()
    return next((line.partition(":")[2] for line in lines if line.startswith((f"{name}:", f"{name};"))), "")


@contextmanager
def loopback_mail() -> Iterator[LoopbackMail]:
    """The server, in a thread of its own, on a free port."""
    listening = socket.create_server(("127.0.0.1", 0))
    kept = LoopbackMail(listening.getsockname()[1])
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(loop.create_server(lambda: SMTP(kept, hostname="localhost", loop=loop), sock=listening))
    thread = threading.Thread(target=loop.run_forever, name="loopback mail", daemon=True)
    thread.start()
    try:
        yield kept
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        server.close()
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
