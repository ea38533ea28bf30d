"""R59: nobody learns from answers or from their time whether an address is known."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from time import perf_counter
from typing import Any

import pytest
from sqlalchemy import event

from accounts import throttle
from core.db import db, transaction
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, an_account

Clients = Callable[[], Browser]
KNOWN, UNCONFIRMED, UNKNOWN = "known@example.org", "waiting@example.org", "unknown@example.org"
ASKS: list[tuple[str, dict[str, Any]]] = [
    ("session", {"password": "this is a wrong one"}),
    ("accounts", {"password": PASSWORD}),
    ("accounts/confirm/resend", {}),
    ("password/forgot", {}),
]


@pytest.fixture
def known(database: None) -> None:
    with transaction():
        an_account(email=KNOWN)
        an_account(email=UNCONFIRMED, confirmed=False)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Every statement that reaches the database inside the block, without its values."""
    seen: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    bind = db.engines[None]
    event.listen(bind, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(bind, "before_cursor_execute", note)


@pytest.mark.parametrize(("path", "body"), ASKS, ids=[path for path, _ in ASKS])
def test_R59_known_and_unknown_addresses_get_the_same_answer_after_the_same_work(client: Clients, known: None, path: str, body: dict[str, Any]) -> None:
    answers, work = [], []
    for email in (KNOWN, UNCONFIRMED, UNKNOWN):
        with statements() as seen:
            answer = client().post(f"/api/v1/{path}", json={"email": email, **body})
        headers = {name: value for name, value in answer.headers.items() if name not in ("Date", "Set-Cookie")}
        answers.append((answer.status_code, answer.data, headers, "Set-Cookie" in answer.headers))
        work.append([statement for statement in seen if "SAVEPOINT" not in statement])
    assert answers[0] == answers[1] == answers[2]
    assert work[0] == work[1] == work[2]
    assert work[0]


def test_R59_a_sign_in_for_nobody_takes_as_long(client: Clients, known: None, monkeypatch: pytest.MonkeyPatch, app: Any) -> None:
    """With a hash that takes some milliseconds, so that leaving it out would show."""
    from argon2 import PasswordHasher

    hasher = PasswordHasher(time_cost=1, memory_cost=16 * 1024, parallelism=1)
    monkeypatch.setitem(app.extensions, "password_hasher", hasher)
    monkeypatch.setitem(app.extensions, "password_of_nobody", hasher.hash("nobody"))
    monkeypatch.setattr(throttle, "FREE_TRIES", 1000)
    monkeypatch.setattr(throttle, "MOST_TRIES", 1000)
    with transaction():
        an_account(email="timed@example.org")
    browser = client()
    times: dict[str, list[float]] = {"timed@example.org": [], UNKNOWN: []}
    for _ in range(40):
        for email, taken in times.items():
            begun = perf_counter()
            assert browser.post("/api/v1/session", json={"email": email, "password": "this is a wrong one"}).status_code == 401
            taken.append(perf_counter() - begun)
    hashing = _median_time(lambda: hasher.hash("x"))
    slow, fast = sorted(median(taken) for taken in times.values())[::-1]
    assert slow - fast < max(0.005, hashing / 2)


def _median_time(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(10):
        begun = perf_counter()
        work()
        taken.append(perf_counter() - begun)
    return median(taken)
