"""One request to somebody else's server: bounded in time and size, following no redirect. Never inside a transaction."""

import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from core.db import require_no_transaction

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
LARGEST_ANSWER = 512 * 1024  # bytes


class NoAnswer(Exception):
    """Nothing that can be read as an answer came. `reason` is ``timeout``, ``not_reached`` or ``too_large``.

    `connected`: the request may have arrived, and done what it asked for.
    """

    def __init__(self, reason: str, *, connected: bool = True) -> None:
        super().__init__(reason)
        self.reason = reason
        self.connected = connected


@dataclass(frozen=True)
class Document:
    """`headers` by their names in small letters; the last of several of one name."""

    status: int
    content: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def get(address: str, *, accept: str, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS, largest: int = LARGEST_ANSWER) -> Document:
    """The answer to one GET, whatever its status. `read_seconds` is for the whole answer: one that drips byte by byte is cut off as well.

    Raises NoAnswer. The address is one of our settings, never a stranger's.
    """
    return send("GET", address, headers={"Accept": accept, "User-Agent": "Attune"}, connect_seconds=connect_seconds, read_seconds=read_seconds, largest=largest)


def send(
    method: str,
    address: str,
    *,
    headers: Mapping[str, str],
    body: bytes | None = None,
    connect_seconds: float = CONNECT_SECONDS,
    read_seconds: float = READ_SECONDS,
    largest: int = LARGEST_ANSWER,
) -> Document:
    """As `get`, with any method and a body."""
    require_no_transaction()
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=connect_seconds)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    began = time.monotonic()
    connected = False
    cut = threading.Event()
    try:
        connection.connect()
        connected = True
        connection.sock.settimeout(read_seconds)
        deadline = threading.Timer(read_seconds, _cut_off, (connection.sock, cut))
        deadline.daemon = True
        deadline.start()
        try:
            connection.request(method, target, body, {**headers, "Accept-Encoding": "identity", "Connection": "close"})
            document = _answer(connection, largest)
        finally:
            deadline.cancel()
        if cut.is_set():
            raise NoAnswer("timeout")
        return document
    except TimeoutError as error:
        raise NoAnswer("timeout", connected=connected) from error
    except (OSError, HTTPException, ValueError) as error:
        late = cut.is_set() or time.monotonic() - began >= connect_seconds + read_seconds
        raise NoAnswer("timeout" if late else "not_reached", connected=connected) from error
    finally:
        connection.close()


def _answer(connection: HTTPConnection, largest: int) -> Document:
    answer = connection.getresponse()
    content = answer.read(largest + 1)
    if len(content) > largest:
        raise NoAnswer("too_large")
    if answer.length:
        raise HTTPException("the answer ended early")
    return Document(answer.status, content, {name.lower(): value for name, value in answer.getheaders()})


def _cut_off(held: socket.socket, cut: threading.Event) -> None:
    cut.set()
    with suppress(OSError):  # it has ended by itself
        held.shutdown(socket.SHUT_RDWR)
