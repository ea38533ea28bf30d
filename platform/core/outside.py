"""One GET of a small document from somebody else's server: bounded in time and size, following no redirect. Never inside a transaction."""

import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

from core.db import require_no_transaction

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
LARGEST_ANSWER = 512 * 1024  # bytes


class NoAnswer(Exception):
    """Nothing that can be read as an answer came. `reason` is ``timeout``, ``not_reached`` or ``too_large``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Document:
    status: int
    content: bytes


def get(address: str, *, accept: str, connect_seconds: float = CONNECT_SECONDS, read_seconds: float = READ_SECONDS, largest: int = LARGEST_ANSWER) -> Document:
    """The answer to one GET, whatever its status. `read_seconds` is for the whole answer: one that drips byte by byte is cut off as well.

    Raises NoAnswer. The address is one of our settings, never a stranger's.
    """
    require_no_transaction()
    parts = urlsplit(address)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=connect_seconds)
    began = time.monotonic()
    cut = threading.Event()
    try:
        connection.connect()
        connection.sock.settimeout(read_seconds)
        deadline = threading.Timer(read_seconds, _cut_off, (connection.sock, cut))
        deadline.daemon = True
        deadline.start()
        try:
            document = _ask(connection, parts.path + (f"?{parts.query}" if parts.query else ""), accept, largest)
        finally:
            deadline.cancel()
        if cut.is_set():
            raise NoAnswer("timeout")
        return document
    except TimeoutError as error:
        raise NoAnswer("timeout") from error
    except (OSError, HTTPException, ValueError) as error:
        raise NoAnswer("timeout" if cut.is_set() or time.monotonic() - began >= connect_seconds + read_seconds else "not_reached") from error
    finally:
        connection.close()


def _ask(connection: HTTPConnection, target: str, accept: str, largest: int) -> Document:
    connection.request("GET", target or "/", headers={"Accept": accept, "Accept-Encoding": "identity", "Connection": "close", "User-Agent": "Attune"})
    answer = connection.getresponse()
    content = answer.read(largest + 1)
    if len(content) > largest:
        raise NoAnswer("too_large")
    if answer.length:
        raise HTTPException("the answer ended early")
    return Document(answer.status, content)


def _cut_off(held: socket.socket, cut: threading.Event) -> None:
    cut.set()
    with suppress(OSError):  # it has ended by itself
        held.shutdown(socket.SHUT_RDWR)
