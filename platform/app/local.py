"""The whole of Attune on one machine, for development: `make run`, `make migrate`, `make demo`.

Start reading at `main`. Everything that lasts is in `var/`: the database, the secrets, the mailbox of mails that nobody was sent.
"""

import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, timedelta
from types import FrameType
from typing import Any

from app.embedded import AlreadyRunning, Cluster, running
from app.local_environment import Database, environment_of, wants_sandbox
from app.postgres_home import EmbeddedError
from app.processes import (
    CHECKOUT,
    ProcessEnded,
    Processes,
    flask_commands,
    listening_socket,
    prepare_database,
    start_payment_sandbox,
    start_web,
    start_worker,
    wait_until_healthy,
)

VAR = CHECKOUT / "var"
REPEATED_EVERY = timedelta(days=7)  # a start after these makes the checks of the demonstration anew, which age
SANDBOX_PORT = 4242
# Whatever can change what the database must contain before the processes start.
PREPARED_FROM = ("migrations", "platform/app/demo", "platform/taxonomy/data", "requirements.txt")


class Stopped(BaseException):
    """Somebody asked us to stop. Not an Exception: nothing on the way may take it for a failure."""


def main(arguments: list[str]) -> int:
    """`run`, `migrate` or `demo`; the returned number is the exit status."""
    commands = {"run": run, "migrate": migrate, "demo": demo}
    if len(arguments) != 1 or arguments[0] not in commands:
        print(f"usage: python wsgi.py {'|'.join(commands)}", file=sys.stderr)
        return 2
    if os.environ.get("ATTUNE_ENV") == "production":
        print("This is for development. In production run the processes of the Procfile.", file=sys.stderr)
        return 2
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    with _signals_stop():
        try:
            return commands[arguments[0]]()
        except Stopped:
            print("Stopped.")
            return 0
        except AlreadyRunning as error:
            address = _remembered().get("address")
            print(f"Attune already runs in this folder{f' at {address}' if address else ''}. {error}", file=sys.stderr)
        except (EmbeddedError, ProcessEnded, TimeoutError, OSError) as error:
            print(f"Attune could not run: {error}", file=sys.stderr)
        except subprocess.CalledProcessError as error:
            print(f"Attune could not run: the commands {error.cmd[-1]} ended with status {error.returncode}.", file=sys.stderr)
        return 1


def run() -> int:
    """Database, web and worker until Ctrl-C. Order of stopping: web and worker together, then the database."""
    with _database() as database, Processes() as processes, ExitStack() as until_started:
        listening, port = listening_socket(int(os.environ.get("PORT", "8000")))
        till, sandbox = _till(until_started)
        with listening:
            address = f"http://127.0.0.1:{port}"
            environment = environment_of(database, address, var=VAR, sandbox=sandbox)
            people = prepare(database, environment)
            start_web(processes, listening, environment)
        # The others come second: on a small machine they would only hold up the first page.
        wait_until_healthy(processes, address)
        start_worker(processes, environment)
        if till:
            start_payment_sandbox(processes, till, environment, state=VAR / "payment-sandbox.sqlite3")
        until_started.close()
        _remember(address=address)
        _greet(address, port, people, sandbox)
        silence = threading.Event()
        while not silence.wait(0.5):
            processes.check()
    return 0


def _till(until_started: ExitStack) -> tuple[socket.socket, str] | tuple[None, None]:
    """Where the payment sandbox will listen, and its address; nothing when the caller has a key of the real processor."""
    if not wants_sandbox():
        return None, None
    listening, port = listening_socket(SANDBOX_PORT)
    until_started.enter_context(listening)
    return listening, f"http://127.0.0.1:{port}"


def migrate() -> int:
    """Only the tables, brought up to date."""
    with _database() as database:
        flask_commands(environment_of(database, "http://127.0.0.1:8000", var=VAR), ["db", "upgrade"])
    print("The database is up to date.")
    return 0


def demo() -> int:
    """The main journey on a throwaway database."""
    # Its mail server and HTTP client are of no use to the other commands, which should start quickly.
    from app.demo_journey import play

    return play()


@contextmanager
def _database() -> Iterator[Database]:
    app = os.environ.get("DATABASE_URL")
    if app:
        print("Using the PostgreSQL of DATABASE_URL.")
        yield Database(app, os.environ.get("MIGRATION_DATABASE_URL", app), os.environ.get("DIRECT_DATABASE_URL", app), None)
        return
    first = not (VAR / "secrets.json").exists()
    print("Starting PostgreSQL" + (" (the first time: making a database in var/) ..." if first else " ..."))
    with running(CHECKOUT) as cluster:
        yield Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster)


def prepare(database: Database, environment: dict[str, str]) -> list[dict[str, str]]:
    """Tables up to date, demonstration data in an empty database; returns its sign-ins. Importing the application takes longer than all
    the rest of a start: an embedded database that was prepared this week by just these files, and still is at their revision, is left alone."""
    fingerprint = _fingerprint()
    known = _remembered()
    fresh = date.today() - REPEATED_EVERY < date.fromisoformat(known.get("prepared_on", "2000-01-01"))  # noqa: DTZ011 this machine's own
    if database.ours and fresh and known.get("prepared") == [fingerprint, _state_of(database.ours)]:
        people: list[dict[str, str]] = known["sign_ins"]
        return people
    print("Bringing the tables up to date, and loading demonstration data if there is nobody yet ...")
    people = prepare_database(environment)
    if database.ours:
        _remember(prepared=[fingerprint, _state_of(database.ours)], prepared_on=date.today().isoformat(), sign_ins=people)  # noqa: DTZ011
    return people


def _state_of(cluster: Cluster) -> str:
    known = cluster.ask("SELECT coalesce(to_regclass('alembic_version')::text, '')")
    revision = cluster.ask("SELECT string_agg(version_num, ' ') FROM alembic_version") if known else ""
    return f"{cluster.ask('SELECT system_identifier FROM pg_control_system()')} {revision}"


def _fingerprint() -> str:
    digest = hashlib.sha256()
    for name in PREPARED_FROM:
        top = CHECKOUT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(CHECKOUT)}\n".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _remembered() -> dict[str, Any]:
    try:
        return dict(json.loads((VAR / "run.json").read_text()))
    except (OSError, ValueError):
        return {}


def _remember(**facts: object) -> None:
    (VAR / "run.json").write_text(json.dumps(_remembered() | facts))


def _greet(address: str, port: int, people: list[dict[str, str]], sandbox: str | None) -> None:
    wanted = os.environ.get("PORT", "8000")
    if str(port) != wanted:
        print(f"Port {wanted} is taken, so this is another one.")
    print(f"\nAttune is ready:  {address}\n")
    if people:
        print("Sign in as")
        width = max(len(one["role"]) for one in people)
        for one in people:
            print(f"  {one['role']:<{width}}  {one['email']}  {one['password']}")
    if sandbox:
        print(f"\nPayments go to the payment sandbox, where no money moves: {sandbox}")
    print("\nCtrl-C stops it.")


@contextmanager
def _signals_stop() -> Iterator[None]:
    def stop(_number: int, _frame: FrameType | None) -> None:
        # One is enough: stopping must not be stopped half-way.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        os.write(1, b"\nStopping ...\n")
        raise Stopped

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        # nohup asked for SIGHUP to be ignored.
        if each is not signal.SIGHUP or signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, stop)
    yield
