"""A mail transport with state: what was really handed over, and on demand the failures of a mail server."""

import re
from collections.abc import Callable
from email.message import EmailMessage

from core.db import require_no_transaction


class Outbox:
    """`sent` holds every message in order. An exception put into `failures` is raised by the next send instead."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.failures: list[Exception] = []
        self.on_send: Callable[[], None] = lambda: None

    def send(self, message: EmailMessage, *, to: str) -> None:
        require_no_transaction()
        self.on_send()
        if self.failures:
            raise self.failures.pop(0)
        assert to in str(message["To"])
        bytes(message)  # it can be put on the wire
        self.sent.append(message)

    def to(self, address: str) -> list[EmailMessage]:
        return [message for message in self.sent if message["To"].addresses[0].addr_spec == address]

    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.sent]

    def last_to(self, address: str) -> EmailMessage:
        return self.to(address)[-1]

    def token_to(self, address: str) -> str:
        """The token of the link in the newest mail to this address."""
        found = re.search(r"#token=([\w-]+)", text_of(self.last_to(address)))
        assert found, "no link in the newest mail"
        return found.group(1)

    def clear(self) -> None:
        self.sent.clear()


def text_of(message: EmailMessage) -> str:
    """The text part."""
    body = message.get_body(("plain",))
    assert body is not None
    return str(body.get_content())
