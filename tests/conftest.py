"""One throwaway PostgreSQL for the whole run, migrated once; each test process gets its own copy of the migrated database.

`database` wraps a test in one outer transaction that is rolled back: `transaction()` commits into a savepoint of it. Tests about real commits (races,
journeys, processes) take `committed_app`, which has a database of its own.
"""

import base64
import fcntl
import gc
import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from hypothesis import settings
from sqlalchemy import Connection, Engine, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.assembly import POOL, create_app
from app.demo.load import load_cast
from app.embedded import throwaway
from app.settings import Settings, read_settings
from core import jobs
from core.clock import FixedClock, use_clock
from core.db import db, require_no_transaction, transaction
from tests.browser import BASE_URL, Browser
from tests.factories.accounts import an_account
from tests.fakes.outbox import Outbox

NOW = datetime(2026, 11, 22, 15, 0, tzinfo=UTC)
FIELD_KEYS = "k1:" + base64.b64encode(bytes(range(32))).decode()
# Payments are set up, and a charge that nobody expected fails: nobody listens there. The `processor` fixture puts the sandbox in its place.
NOBODY_TAKES_MONEY = {
    "STRIPE_SECRET_KEY": "sk_test_of_the_test_suite",
    "STRIPE_WEBHOOK_SECRETS": "whsec_of_the_test_suite_1,whsec_of_the_test_suite_2",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
}
_engine = ExitStack()

# How long an example takes says something about the machine, nothing about the property.
settings.register_profile("attune", deadline=None)
settings.load_profile("attune")


def pytest_configure(config: pytest.Config) -> None:
    gc.disable()  # what is loaded stays, see wsgi.py: full collections that walk it again and again were a tenth of the run
    if hasattr(config, "workerinput"):
        return  # a process of xdist: the controller has started the engine
    cluster = _engine.enter_context(throwaway())
    folder = _engine.enter_context(tempfile.TemporaryDirectory(prefix="attune-tests-"))
    os.environ.update(TEST_SUPERUSER_URL=cluster.superuser_url, TEST_OWNER_URL=cluster.owner_url, TEST_APP_URL=cluster.app_url, TEST_FOLDER=folder)


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _engine.close()


@pytest.fixture(autouse=True)
def no_calls_outside_in_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's sockets refuse to connect while a transaction is open; libpq's do not pass here."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        require_no_transaction()
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


def settings_for(database: str) -> Settings:
    """Test settings on one database of the run's engine."""

    def on(variable: str) -> str:
        return make_url(os.environ[variable]).set(database=database).render_as_string(hide_password=False)

    return read_settings(
        {
            "ATTUNE_ENV": "test",
            "SECRET_KEY": "a-key-for-tests-only-0123456789-abcdef",
            "FIELD_KEYS": FIELD_KEYS,
            "BASE_URL": BASE_URL,
            "DATABASE_URL": on("TEST_APP_URL"),
            "MIGRATION_DATABASE_URL": on("TEST_OWNER_URL"),
            **NOBODY_TAKES_MONEY,
        }
    )


def as_superuser(statement: str) -> None:
    """One statement past every privilege, committed."""
    engine = create_engine(os.environ["TEST_SUPERUSER_URL"], poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


@contextmanager
def _one_process_at_a_time() -> Iterator[Path]:
    folder = Path(os.environ["TEST_FOLDER"])
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


@pytest.fixture(scope="session")
def template_database() -> str:
    """The name of the migrated database that others are copied from; migrated by the first process that needs it."""
    with _one_process_at_a_time() as folder:
        if not (folder / "migrated").exists():
            from flask_migrate import upgrade

            application = create_app(settings_for("attune"))
            with application.app_context():
                upgrade()
                db.engine.dispose()
            (folder / "migrated").touch()
    return "attune"


@pytest.fixture(scope="session")
def new_database(template_database: str) -> Callable[[], str]:
    """Makes a fresh copy of the migrated database and returns its name."""

    def make() -> str:
        name = f"test_{secrets.token_hex(6)}"
        with _one_process_at_a_time():
            as_superuser(f"CREATE DATABASE {name} TEMPLATE {template_database} OWNER attune_owner")
        return name

    return make


@pytest.fixture(scope="session")
def app(new_database: Callable[[], str]) -> Iterator[Flask]:
    """The application of this test process."""
    application = create_app(settings_for(new_database()))
    application.testing = False
    yield application
    with application.app_context():
        db.engine.dispose()


@pytest.fixture
def clock() -> Iterator[FixedClock]:
    """It is 2026-11-22T15:00Z until the test moves it."""
    fixed = FixedClock(NOW)
    with use_clock(fixed):
        yield fixed


@pytest.fixture(scope="session")
def cast_engine(new_database: Callable[[], str], app: Flask) -> Iterator[Engine]:
    """A database in which the invented cast (T01 to T22) stands since 2026-11-22T15:00Z; for `therapists` of tests/matching."""
    engine = create_engine(make_url(app.config["SQLALCHEMY_DATABASE_URI"]).set(database=new_database()), **POOL)
    with app.app_context(), use_clock(FixedClock(NOW)), _in_place_of_the_engine(engine), transaction():
        verifier = an_account(roles=("verifier",))
        load_cast(now=NOW, verifier_id=verifier.person_id, password_hash="nobody signs in with this")
    yield engine
    engine.dispose()


@contextmanager
def _in_place_of_the_engine(bind: Engine | Connection) -> Iterator[None]:
    """Sessions use `bind`, a session takes an engine or a connection."""
    engines, before = db.engines, db.engine
    engines[None] = bind  # type: ignore[assignment]
    try:
        yield
    finally:
        db.session.remove()
        engines[None] = before


@pytest.fixture
def database(app: Flask, clock: FixedClock, request: pytest.FixtureRequest) -> Iterator[None]:
    """Everything the test writes is rolled back at its end. An application context is open. Tests that ask for `therapists` find the cast there."""
    with app.app_context():
        engine = request.getfixturevalue("cast_engine") if "therapists" in request.fixturenames else db.engine
        with engine.connect() as connection:
            outer = connection.begin()
            with _in_place_of_the_engine(connection):
                yield
            if outer.is_active:
                outer.rollback()


@pytest.fixture
def client(app: Flask, database: None) -> Callable[[], Browser]:
    """Makes browsers: each keeps its own cookies and sends Origin and CSRF token by itself."""
    app.test_client_class = Browser
    return app.test_client  # type: ignore[return-value]


@pytest.fixture
def outbox(app: Flask, database: None) -> Iterator[Outbox]:
    """The mails that were really handed over during the test."""
    app.extensions["mail_transport"] = outbox = Outbox()
    yield outbox
    del app.extensions["mail_transport"]


@pytest.fixture
def run_jobs(app: Flask, outbox: Outbox, clock: FixedClock) -> Callable[[], list[str]]:
    """Runs every job that is due at the clock's now, also those that these enqueue, and returns their names in order."""

    return lambda: run_due(clock)


def run_due(clock: FixedClock) -> list[str]:
    """The worker's part of a test: every job that is due, in order, until there is none. Needs an application context."""
    done: list[str] = []
    while due := _next_due(clock.now()):
        name, arguments = due
        jobs.registry[name].run(**arguments)
        done.append(name)
    return done


def _next_due(now: datetime) -> tuple[str, dict[str, Any]] | None:
    row = db.session.execute(
        text("""DELETE FROM procrastinate_jobs WHERE id = (SELECT id FROM procrastinate_jobs WHERE status = 'todo'
                AND (scheduled_at IS NULL OR scheduled_at <= :now) ORDER BY scheduled_at NULLS FIRST, id LIMIT 1) RETURNING task_name, args"""),
        {"now": now},
    ).one_or_none()
    db.session.commit()
    return (row[0], row[1]) if row else None


@pytest.fixture
def committed_app(new_database: Callable[[], str]) -> Iterator[Flask]:
    """An application on a database of its own, where commits are real and time runs. For races and journeys."""
    before = jobs._application
    name = new_database()
    application = create_app(settings_for(name))
    application.test_client_class = Browser
    yield application
    with application.app_context():
        db.engine.dispose()
    if before is not None:
        jobs.init_app(before)
    as_superuser(f"DROP DATABASE {name} WITH (FORCE)")
