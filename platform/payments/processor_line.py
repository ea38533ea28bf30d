"""The line to the processor: bounded time, few retries, and silence after it failed too often.

One call: 3 s to connect, 10 s for an answer, at most 3 tries, and 11 s for all of it, however it drips. The same idempotency key goes with every try.
Knows HTTP, not what is said.
"""

import random
import threading
import time
from collections.abc import Mapping

from core.outside import Document, NoAnswer, send
from payments.processor_failures import ProcessorUnavailable

CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
CALL_SECONDS = 11.0
TRIES = 3
FIRST_PAUSE = 0.5  # seconds, doubled each time, of which a random half to the whole is waited
LEAST_LEFT = 1.0  # seconds: with less than this left no further try is begun
LARGEST_ANSWER = 8 * 1024 * 1024  # bytes; a page of 100 expanded objects is below 2 MB
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 20.0


class Circuit:
    """After FAILURES_TO_OPEN calls in a row without a usable answer nothing is sent for OPEN_SECONDS; then one call tries for all."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failures = 0
        self._closed_from = 0.0
        self._trying = False

    def enter(self) -> None:
        """ProcessorUnavailable while open, with the seconds that are left in `retry_after`."""
        with self._lock:
            if self._failures < FAILURES_TO_OPEN:
                return
            left = self._closed_from - time.monotonic()
            if left > 0 or self._trying:
                raise ProcessorUnavailable("circuit_open", maybe_done=False, retry_after=max(1, round(left)))
            self._trying = True

    def worked(self) -> None:
        with self._lock:
            self._failures, self._trying = 0, False

    def failed(self) -> None:
        with self._lock:
            self._failures, self._trying = self._failures + 1, False
            self._closed_from = time.monotonic() + OPEN_SECONDS


class Line:
    """`exchange` is thread-safe. One line for each key and address."""

    def __init__(self) -> None:
        self._circuit = Circuit()

    def exchange(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Document:
        """The answer, of whatever status below 500 but 409 and 429; those are tried again and then ProcessorUnavailable."""
        self._circuit.enter()
        try:
            document = self._with_tries(method, address, headers, body)
        except ProcessorUnavailable as failure:
            if failure.reason in ("http_409", "http_429"):
                self._circuit.worked()  # it is there, and busy
            else:
                self._circuit.failed()
            raise
        except BaseException:
            self._circuit.failed()
            raise
        self._circuit.worked()
        return document

    def _with_tries(self, method: str, address: str, headers: Mapping[str, str], body: bytes | None) -> Document:
        until = time.monotonic() + CALL_SECONDS
        maybe_done = False
        for number in range(1, TRIES + 1):
            left = until - time.monotonic()
            try:
                document = send(
                    method,
                    address,
                    headers=headers,
                    body=body,
                    connect_seconds=min(CONNECT_SECONDS, left),
                    read_seconds=min(READ_SECONDS, left),
                    largest=LARGEST_ANSWER,
                )
            except NoAnswer as nothing:
                maybe_done = maybe_done or nothing.connected
                reason, again = nothing.reason, True
            else:
                if document.status < 500 and document.status not in (409, 429):
                    return document
                maybe_done = maybe_done or document.status >= 500
                reason, again = f"http_{document.status}", document.headers.get("stripe-should-retry") != "false"
            pause = FIRST_PAUSE * 2 ** (number - 1) * random.uniform(0.5, 1)  # noqa: S311 jitter keeps no secret
            if not again or number == TRIES or until - time.monotonic() - pause < LEAST_LEFT:
                break
            time.sleep(pause)
        raise ProcessorUnavailable(reason, maybe_done=maybe_done)
