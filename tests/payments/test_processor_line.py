"""Bounded time, few tries, and silence after too many failures. Against real sockets."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from payments import processor_line
from payments.processor_failures import ProcessorUnavailable
from payments.processor_line import Circuit, Line

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRequest-Id: req_1\r\n\r\n{}"


def answer(status: str, *headers: str) -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Content-Length: 2", *headers, "", "{}"]).encode()


def whole(caller: socket.socket) -> bytes:
    """One of our requests: headers and body come in two pieces."""
    said = b""
    while not said.endswith(b"amount=1") and (piece := caller.recv(65536)):
        said += piece
    return said


@contextmanager
def server(*answers: bytes | Callable[[socket.socket], None]) -> Iterator[tuple[str, list[bytes]]]:
    """Gives each connection the next of `answers`, the last one again and again."""
    listening = socket.create_server(("127.0.0.1", 0))
    heard: list[bytes] = []

    def serve() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            with caller:
                heard.append(whole(caller))
                say = answers[min(len(heard), len(answers)) - 1]
                if isinstance(say, bytes):
                    caller.sendall(say)
                else:
                    say(caller)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/v1/things", heard
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(2)


@pytest.fixture(autouse=True)
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """The real limits in a tenth of the time."""
    for name in ("CONNECT_SECONDS", "READ_SECONDS", "CALL_SECONDS", "FIRST_PAUSE", "LEAST_LEFT"):
        monkeypatch.setattr(processor_line, name, getattr(processor_line, name) / 20)


def post(line: Line, address: str) -> int:
    return line.exchange("POST", address, {"Idempotency-Key": "booking:7:pay:1", "Content-Type": "application/x-www-form-urlencoded"}, b"amount=1").status


@pytest.mark.parametrize("status", ["500 Oops", "503 Busy", "429 Slow down", "409 In flight"])
def test_R23_a_passing_failure_is_tried_again_with_the_same_key(status: str) -> None:
    with server(answer(status), OK) as (address, heard):
        assert post(Line(), address) == 200
    assert len(heard) == 2
    assert all(b"Idempotency-Key: booking:7:pay:1\r\n" in each and each.endswith(b"amount=1") for each in heard)


def test_R23_a_lost_answer_is_asked_for_again() -> None:
    with server(lambda caller: None, OK) as (address, heard):
        assert post(Line(), address) == 200
    assert len(heard) == 2


def test_three_tries_and_no_more() -> None:
    with server(answer("500 Oops")) as (address, heard), pytest.raises(ProcessorUnavailable) as refused:
        post(Line(), address)
    assert (len(heard), refused.value.reason, refused.value.maybe_done) == (3, "http_500", True)


def test_the_processor_may_say_that_trying_again_is_no_use() -> None:
    with server(answer("500 Oops", "Stripe-Should-Retry: false")) as (address, heard), pytest.raises(ProcessorUnavailable):
        post(Line(), address)
    assert len(heard) == 1


@pytest.mark.parametrize("status", ["200 OK", "400 Bad", "402 Declined", "404 None"])
def test_an_answer_is_an_answer(status: str) -> None:
    with server(answer(status)) as (address, heard):
        assert post(Line(), address) == int(status[:3])
    assert len(heard) == 1


def drip(caller: socket.socket) -> None:
    """A byte now and then, for ever: no read ever times out."""
    try:
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000:
            caller.sendall(bytes([byte]))
            time.sleep(0.02)
    except OSError:
        return


def hang(caller: socket.socket) -> None:
    time.sleep(0.7)


@pytest.mark.parametrize("slow", [hang, drip])
def test_R46_a_slow_processor_holds_nobody_longer_than_the_call_may_take(slow: Callable[[socket.socket], None]) -> None:
    with server(slow) as (address, _):
        began = time.monotonic()
        with pytest.raises(ProcessorUnavailable) as refused:
            post(Line(), address)
        took = time.monotonic() - began
    assert (refused.value.reason, refused.value.maybe_done) == ("timeout", True)
    assert took < 12 / 20


def test_R46_nobody_there_is_surely_not_done() -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    with pytest.raises(ProcessorUnavailable) as refused:
        post(Line(), f"http://127.0.0.1:{port}/")
    assert (refused.value.reason, refused.value.maybe_done, refused.value.kind) == ("not_reached", False, "unavailable")


def test_R46_after_five_failures_nothing_is_sent_until_one_call_has_tried_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor_line, "TRIES", 1)
    monkeypatch.setattr(processor_line, "OPEN_SECONDS", 0.2)
    with server(*[answer("500 Oops")] * 6, OK) as (address, heard):
        line = Line()
        for _ in range(5):
            with pytest.raises(ProcessorUnavailable, match="payments_unavailable"):
                post(line, address)
        for _ in range(3):
            with pytest.raises(ProcessorUnavailable) as refused:
                post(line, address)
            assert (refused.value.reason, refused.value.maybe_done) == ("circuit_open", False)
        assert len(heard) == 5
        time.sleep(0.25)
        with pytest.raises(ProcessorUnavailable) as refused:
            post(line, address)
        assert refused.value.reason == "http_500"  # the one that tried: open again
        assert len(heard) == 6
        time.sleep(0.25)
        assert post(line, address) == 200
        assert post(line, address) == 200


def test_one_call_at_a_time_tries_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processor_line, "OPEN_SECONDS", 0.0)
    circuit = Circuit()
    for _ in range(5):
        circuit.failed()
    circuit.enter()
    with pytest.raises(ProcessorUnavailable):
        circuit.enter()
    circuit.worked()
    circuit.enter()


@pytest.mark.parametrize("status", ["429 Slow down", "409 In flight"])
def test_a_busy_processor_is_no_dead_one(status: str) -> None:
    with server(*[answer(status)] * 21, OK) as (address, _):
        line = Line()
        for _ in range(7):
            with pytest.raises(ProcessorUnavailable):
                post(line, address)
        assert post(line, address) == 200
