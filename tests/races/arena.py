"""A place for races: a database of its own, real web processes on it, and many signed-in people who call at the same instant."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from accounts.identity import token_of
from accounts.people import new_account, new_person
from accounts.roles import grant_role, roles_of
from accounts.sessions import start_session
from app.assembly import create_app
from care.attendance import record_attendance
from care.places import record_place
from core import jobs
from core.clock import now
from core.db import db, transaction
from tests.browser import BASE_URL
from tests.conftest import FIELD_KEYS, as_superuser, settings_for

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a-key-for-tests-only-0123456789-abcdef"
CROWD = 32


@dataclass(frozen=True)
class Runner:
    """One signed-in person: what their browser would send."""

    person_id: int
    cookie: str
    token: str


@dataclass(frozen=True)
class Answer:
    status: int
    body: dict[str, Any]
    retry_after: str | None = None

    @property
    def code(self) -> str | None:
        return self.body.get("code")


@dataclass
class Arena:
    """`ports` are those of the web processes; callers are spread over them in turn."""

    app: Flask
    ports: list[int]
    crowd: list[Runner] = field(default_factory=list)
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def race(self, calls: Sequence[tuple[Runner, str, dict[str, Any] | None, dict[str, str]]]) -> list[Answer]:
        """POST all of them at the same instant, each over a connection that is already open."""
        start = threading.Barrier(len(calls))
        with ThreadPoolExecutor(len(calls)) as threads:
            running = [threads.submit(self._call, call, self.ports[i % len(self.ports)], start) for i, call in enumerate(calls)]
            return [each.result(timeout=60) for each in running]

    def _call(self, call: tuple[Runner, str, dict[str, Any] | None, dict[str, str]], port: int, start: threading.Barrier) -> Answer:
        runner, path, body, headers = call
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.connect()
            start.wait(timeout=30)
            connection.request("POST", path, body=json.dumps({} if body is None else body), headers=_sent(runner, headers))
            answer = connection.getresponse()
            return Answer(answer.status, json.loads(answer.read()), answer.headers["Retry-After"])

    def send_and_hang_up(self, call: tuple[Runner, str, dict[str, Any] | None, dict[str, str]]) -> None:
        """POST to the first process and go away without reading the answer."""
        runner, path, body, headers = call
        with closing(http.client.HTTPConnection("127.0.0.1", self.ports[0], timeout=60)) as connection:
            connection.request("POST", path, body=json.dumps(body), headers=_sent(runner, headers))

    def wait_until(self, statement: str, **values: Any) -> Any:
        """What the database answers, once it answers something."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if (found := self.ask(statement, **values)) is not None:
                return found
            time.sleep(0.05)
        raise TimeoutError(statement)

    def kill_a_worker(self) -> None:
        """The worker of the first process dies as if the power had gone; its master starts another."""
        master = self.processes[0].pid
        (worker,) = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        os.kill(int(worker), signal.SIGKILL)

    def enter(self, person_id: int) -> Runner:
        """A session for this person; call inside a transaction."""
        _, reference = start_session(person_id, roles=roles_of(person_id), now=now())
        serializer = SecureCookieSessionInterface().get_signing_serializer(self.app)
        assert serializer is not None
        return Runner(person_id, serializer.dumps({"_user_id": reference, "_fresh": True}), token_of(reference))

    def ask(self, statement: str, **values: Any) -> Any:
        """One value from the database."""
        with self.app.app_context(), transaction():
            return db.session.execute(text(statement), values).scalar()

    @property
    def overlaps(self) -> int:
        """Pairs of living bookings that take the same person at the same time."""
        return int(
            self.ask(
                """SELECT count(*) FROM claims one JOIN claims two ON one.id < two.id AND one.person_id = two.person_id AND one.blocks AND two.blocks
                   AND one.blocks_from < two.blocks_to AND two.blocks_from < one.blocks_to"""
            )
        )


def _sent(runner: Runner, headers: dict[str, str]) -> dict[str, str]:
    return {"Cookie": f"session={runner.cookie}", "Origin": BASE_URL, "X-CSRF-Token": runner.token, "Content-Type": "application/json", **headers}


def a_crowd(arena: Arena, size: int = CROWD, *, first: int = 0) -> list[Runner]:
    """Adults in England. Nobody signs in with a password, so none is hashed."""
    at, crowd = now(), []
    for number in range(first, first + size):
        person = new_person(now=at, name=f"Runner {number}", zone="Europe/London")
        new_account(person, email=f"runner{number}@example.org", password_hash="none", now=at, confirmed_at=at)
        grant_role(person.id, "client", now=at)
        record_place(person.id, "GB-ENG", zone="Europe/London", source="profile", now=at)
        record_attendance(person.id, age_band="adult", needs=[], now=at)
        crowd.append(arena.enter(person.id))
    return crowd


@contextmanager
def opened(new_database: Callable[[], str], *, wsgi: str = "wsgi:app", processes: int = 2) -> Iterator[Arena]:
    """An arena whose web processes serve `wsgi`; everything is gone afterwards."""
    before, name = jobs._application, new_database()
    application = create_app(settings_for(name))
    ports = [free_port() for _ in range(processes)]
    running = [serve(application, wsgi, port) for port in ports]
    try:
        for process, port in zip(running, ports, strict=True):
            wait_for(process, port)
        yield Arena(application, ports, processes=running)
    finally:
        for process in running:
            process.send_signal(signal.SIGQUIT)
        for process in running:
            process.wait(timeout=30)
        with application.app_context():
            db.engine.dispose()
        if before is not None:
            jobs.init_app(before)
        as_superuser(f"DROP DATABASE {name} WITH (FORCE)")


def serve(application: Flask, wsgi: str, port: int) -> subprocess.Popen[bytes]:
    environment = {
        "PATH": os.environ["PATH"],
        "ATTUNE_ENV": "test",
        "SECRET_KEY": SECRET,
        "FIELD_KEYS": FIELD_KEYS,
        "BASE_URL": BASE_URL,
        "DATABASE_URL": application.config["SQLALCHEMY_DATABASE_URI"],
        "MIGRATION_DATABASE_URL": application.config["MIGRATION_DATABASE_URL"],
        "PORT": str(port),
        "WEB_CONCURRENCY": "1",
        "WEB_THREADS": "16",
    }
    return subprocess.Popen([sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", wsgi], cwd=ROOT, env=environment)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def wait_for(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("a web process ended at its start")
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            try:
                connection.request("GET", "/api/v1/session")
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.1)
    raise RuntimeError("a web process did not answer in time")


def take_the_constraint_away(application: Flask) -> None:
    """The database's own guard, for a control."""
    engine = create_engine(application.config["MIGRATION_DATABASE_URL"], poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE claims DROP CONSTRAINT ex_claims_nobody_is_in_two_places"))
    engine.dispose()
