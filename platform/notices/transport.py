"""Where mail leaves the house: an SMTP server, or in development a folder. Chosen here and nowhere else.

A transport is asked with no transaction open: a slow mail server must not hold our locks.
"""

import re
import smtplib
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import Flask, current_app

from core.db import require_no_transaction
from notices.refused import Refused

CONNECT_SECONDS = 10
MAILBOX = Path(__file__).resolve().parents[2] / "var" / "mailbox"
PORTS = {"smtp": 25, "smtps": 465, "starttls": 587}


class MailTransport(Protocol):
    def send(self, message: EmailMessage, *, to: str) -> None:
        """Returns when the message was taken; `Refused` when it never will be; anything else means try again."""


class SmtpTransport:
    """``smtp://``, ``smtps://`` (TLS from the start) or ``starttls://``, with ``user:password@host:port`` as far as needed. Certificates are verified.

    Plain ``smtp://`` upgrades by itself when the server offers it. A password is never sent without TLS, except to this machine.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("SMTP_URL must be smtp://, smtps:// or starttls:// and name a host")
        self.scheme, self.host, self.port = parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme]
        self.user, self.password = unquote(parts.username or ""), unquote(parts.password or "")

    def send(self, message: EmailMessage, *, to: str) -> None:
        require_no_transaction()
        server = self._connection()
        try:
            server.send_message(message, to_addrs=[to])
        except smtplib.SMTPRecipientsRefused as error:
            code = max((answer[0] for answer in error.recipients.values()), default=0)
            raise _final(code, error) from error
        except smtplib.SMTPDataError as error:
            raise _final(error.smtp_code, error) from error
        finally:
            _part_from(server)

    def _connection(self) -> smtplib.SMTP:
        tls = ssl.create_default_context()
        if self.scheme == "smtps":
            server: smtplib.SMTP = smtplib.SMTP_SSL(self.host, self.port, timeout=CONNECT_SECONDS, context=tls)
        else:
            server = smtplib.SMTP(self.host, self.port, timeout=CONNECT_SECONDS)
        try:
            server.ehlo()
            if self.scheme == "starttls" or (self.scheme == "smtp" and server.has_extn("starttls") and not self._is_here):
                server.starttls(context=tls)
                server.ehlo()
            if self.user:
                if not isinstance(server.sock, ssl.SSLSocket) and not self._is_here:
                    raise smtplib.SMTPNotSupportedError("the mail server offers no TLS, and a password is never sent without it")
                server.login(self.user, self.password)
        except BaseException:
            server.close()
            raise
        return server

    @property
    def _is_here(self) -> bool:
        return self.host in ("127.0.0.1", "::1", "localhost")


def _part_from(server: smtplib.SMTP) -> None:
    """A server that has taken the message may fail at the goodbye; that is no reason to send it again."""
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()


def _final(code: int, error: Exception) -> Exception:
    """5xx about this recipient or this message is an answer for good; 4xx asks for patience. RFC 5321, 4.2.1."""
    return Refused(f"smtp_{code}") if 500 <= code < 600 else error


class MailboxFolder:
    """Development: each message is a file, named by its Message-ID, so that sending it twice leaves one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def send(self, message: EmailMessage, *, to: str) -> None:  # noqa: ARG002 the address stands in the message
        require_no_transaction()
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = re.sub(r"[^A-Za-z0-9-]", "", str(message["Message-ID"]).partition("@")[0])
        unfinished = self.folder / f".{name}.part"
        unfinished.write_bytes(bytes(message))
        unfinished.replace(self.folder / f"{name}.eml")

    def names(self) -> list[str]:
        """Names of the messages, the newest first."""
        if not self.folder.is_dir():
            return []
        newest_first = sorted(self.folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        return [path.stem for path in newest_first]

    def read(self, name: str) -> bytes | None:
        """The message of that name; None when there is none. Only names that `names` gives are looked at."""
        return (self.folder / f"{name}.eml").read_bytes() if name in self.names() else None


def init_app(app: Flask) -> None:
    """SMTP when SMTP_URL is set; in development otherwise the folder. Production refuses to start with neither."""
    environment, folder = app.config["ENVIRONMENT"], app.config.get("MAILBOX_DIR")
    if url := app.config.get("SMTP_URL"):
        app.extensions["mail_transport"] = SmtpTransport(url)
    elif environment == "production":
        raise RuntimeError("SMTP_URL is not set")
    elif folder or environment == "development":
        app.extensions["mail_transport"] = MailboxFolder(Path(folder or MAILBOX))


def mail_transport() -> MailTransport:
    """The transport of this application."""
    transport: MailTransport | None = current_app.extensions.get("mail_transport")
    if transport is None:
        raise RuntimeError("no way to send mail: set SMTP_URL or MAILBOX_DIR")
    return transport
