"""One GET of an address that a stranger chose. Never inside a transaction.

The name is resolved once; every machine it means must be a public one; the connection goes to that very number, with the name kept for TLS and Host. A
redirect is a new address and is judged as one. Bounded: ten seconds for everything, however slowly it drips, and two megabytes, packed or not.
"""

import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from urllib.parse import urljoin

from core.db import require_no_transaction
from core.public_address import AddressRefused, FetchAddress, is_public, read_address

SECONDS = 10.0
LARGEST = 2 * 1024 * 1024  # bytes
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
LONGEST_VALIDATOR = 300

Resolver = Callable[[str, int], list[str]]


class FetchFailed(Exception):
    """Nothing usable came. `reason`: timeout, not_reached, no_such_host, untrusted, too_large, cut_off, redirects, status_NNN."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server called its last answer, to ask whether there is a newer one (RFC 9110, 13.1)."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        named = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in named.items() if value}


@dataclass(frozen=True, slots=True)
class Fetched:
    """`content` is None when the server says that nothing has changed."""

    content: bytes | None
    validators: Validators


def addresses_of(host: str, port: int) -> list[str]:
    """The numbers of a name, by the system's resolver."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def fetch(
    address: str,
    known: Validators | None = None,
    *,
    accept: str,
    loopback: Collection[str] = (),
    resolve: Resolver = addresses_of,
    trust: ssl.SSLContext | None = None,
    seconds: float = SECONDS,
) -> Fetched:
    """AddressRefused for an address that may not be asked, also one that another led to; FetchFailed for everything else but an answer.

    `loopback` as in `read_address`; `resolve` and `trust` stand in for the system's in tests.
    """
    require_no_transaction()
    known = known or Validators()
    until = time.monotonic() + seconds
    for _ in range(MOST_REDIRECTS + 1):
        wanted = read_address(address, loopback=loopback)
        numbers = _public_numbers(wanted, loopback, resolve, until)
        answer = _Call(wanted, numbers, trust or ssl.create_default_context(), until).get({"Accept": accept, **known.headers()})
        if isinstance(answer, Fetched):
            return answer if answer.content is not None else Fetched(None, known)
        address = urljoin(wanted.text, answer)
    raise FetchFailed("redirects")


def _public_numbers(wanted: FetchAddress, loopback: Collection[str], resolve: Resolver, until: float) -> list[str]:
    """What the name means now. One inward number among them refuses all: which one is used must not be a matter of luck."""
    found: list[str] = []
    asking = threading.Thread(target=lambda: found.extend(_resolved(wanted, resolve)), daemon=True)
    asking.start()
    asking.join(max(0.0, until - time.monotonic()))
    if asking.is_alive():
        raise FetchFailed("timeout")
    numbers = list(dict.fromkeys(found))
    if not numbers:
        raise FetchFailed("no_such_host")
    if not all(is_public(number) or f"{number}:{wanted.port}" in loopback for number in numbers):
        raise AddressRefused("inward")
    return numbers


def _resolved(wanted: FetchAddress, resolve: Resolver) -> list[str]:
    with suppress(OSError, UnicodeError):
        return resolve(wanted.host, wanted.port)
    return []


class _Call:
    """One connection to one of the numbers, cut off when the time is over."""

    def __init__(self, wanted: FetchAddress, numbers: list[str], trust: ssl.SSLContext, until: float) -> None:
        self.wanted, self.numbers, self.trust, self.until = wanted, numbers, trust, until
        self.held: socket.socket | None = None
        self.over = threading.Event()

    def get(self, headers: dict[str, str]) -> Fetched | str:
        """The answer, or where it says to look instead."""
        watch = threading.Timer(self._left(), self._cut_off)
        watch.daemon = True
        watch.start()
        try:
            answer = self._ask(headers)
        except TimeoutError as error:
            raise FetchFailed("timeout") from error
        except FetchFailed as failure:
            raise FetchFailed("timeout" if self.over.is_set() else failure.reason) from failure
        except (OSError, HTTPException, ValueError, zlib.error) as error:
            reason = "untrusted" if isinstance(error, ssl.SSLCertVerificationError) else "not_reached"
            raise FetchFailed("timeout" if self.over.is_set() else reason) from error
        finally:
            watch.cancel()
            if self.held is not None:
                self.held.close()
        if self.over.is_set():
            raise FetchFailed("timeout")
        return answer

    def _left(self) -> float:
        left = self.until - time.monotonic()
        if left <= 0:
            raise FetchFailed("timeout")
        return left

    def _cut_off(self) -> None:
        self.over.set()
        if self.held is not None:
            with suppress(OSError):  # it has ended by itself
                self.held.shutdown(socket.SHUT_RDWR)

    def _ask(self, headers: dict[str, str]) -> Fetched | str:
        self.held = self._connect()
        if self.wanted.secure:
            self.held.settimeout(self._left())
            self.held = self.trust.wrap_socket(self.held, server_hostname=self.wanted.host)
        self.held.settimeout(self._left())
        connection = HTTPConnection(self.wanted.host, self.wanted.port)
        connection.default_port = 443 if self.wanted.secure else 80  # so that Host names the port only where it is unusual
        connection.sock = self.held
        always = {"Accept-Encoding": "gzip", "Connection": "close", "User-Agent": "Attune"}
        connection.request("GET", self.wanted.target, headers={**always, **headers})
        with connection.getresponse() as answer:
            if answer.status == 304:
                return Fetched(None, Validators())
            if answer.status in REDIRECTS and (place := answer.getheader("Location")):
                return place
            if answer.status != 200:
                raise FetchFailed(f"status_{answer.status}")
            return Fetched(_body(answer), Validators(_validator(answer, "ETag"), _validator(answer, "Last-Modified")))

    def _connect(self) -> socket.socket:
        """To the first of the numbers that answers. They are numbers: nothing is resolved again."""
        for last, number in enumerate(self.numbers, start=1):
            try:
                return socket.create_connection((number, self.wanted.port), timeout=self._left())
            except OSError:
                if last == len(self.numbers):
                    raise
        raise FetchFailed("not_reached")


def _body(answer: HTTPResponse) -> bytes:
    announced = answer.length
    if announced is not None and announced > LARGEST:
        raise FetchFailed("too_large")
    content = answer.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise FetchFailed("too_large")
    if announced is not None and len(content) < announced:
        raise FetchFailed("cut_off")
    coding = (answer.getheader("Content-Encoding") or "identity").strip().lower()
    if coding in ("", "identity"):
        return content
    if coding not in ("gzip", "x-gzip"):
        raise FetchFailed("not_reached")
    unpacking = zlib.decompressobj(wbits=31)
    unpacked = unpacking.decompress(content, LARGEST + 1)
    if len(unpacked) > LARGEST:
        raise FetchFailed("too_large")
    if not unpacking.eof:
        raise FetchFailed("cut_off")
    return unpacked


def _validator(answer: HTTPResponse, name: str) -> str | None:
    """Only what can be sent back as it is."""
    value = (answer.getheader(name) or "").strip()
    return value if 0 < len(value) <= LONGEST_VALIDATOR and value.isascii() and value.isprintable() else None
