"""What the measurements over HTTP share: the product and a bare application behind the same gunicorn options, and callers that cost little themselves."""

import json
import os
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event, text
from tests.factories.crowd import Shares, a_crowd

from app.assembly import create_app
from app.embedded import throwaway
from app.local_environment import Database, environment_of
from app.processes import Processes, listening_socket, prepare_database, start_web, wait_until_healthy
from app.settings import read_settings
from core.db import db
from core.dispatch import Application

ROOT = Path(__file__).resolve().parents[2]
WORKERS, THERAPISTS = "2", 100
AFTERWARDS = (
    "SELECT setval(pg_get_serial_sequence('persons', 'id'), (SELECT max(id) FROM persons))",  # the crowd brings its own ids
    "CREATE TABLE bare_rows (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, at timestamptz NOT NULL)",
    "GRANT INSERT ON bare_rows TO PUBLIC",
)


class Kept:
    """One kept connection to a port of this machine."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=300)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self._socket.close()

    def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send a whole request; the status and the body that come back."""
        self._socket.sendall(request)
        received = b""
        while b"\r\n\r\n" not in received:
            more = self._socket.recv(262_144)
            if not more:
                raise ConnectionError("the other side hung up")
            received += more
        head, _, body = received.partition(b"\r\n\r\n")
        length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
        while len(body) < length:
            body += self._socket.recv(262_144)
        return int(head[9:12]), body


def request_of(method: str, path: str, body: object = None, **headers: str) -> bytes:
    """The bytes of a request. Underscores in header names become hyphens."""
    sent = b"" if body is None else json.dumps(body).encode()
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(sent)}"]
    return "\r\n".join([*lines, "", ""]).encode() + sent


def per_second(port: int, request: bytes | Sequence[bytes], *, callers: int, seconds: float, expect: int = 200) -> float:
    """Answers a second to so many callers who ask the same again and again; each the own one of several requests."""
    until = time.monotonic() + seconds
    requests = [request] if isinstance(request, bytes) else request

    def caller(number: int) -> int:
        answered, request = 0, requests[number % len(requests)]
        with closing(Kept(port)) as connection:
            while time.monotonic() < until:
                status, body = connection.ask(request)
                if status != expect:
                    raise RuntimeError(f"{status}: {body[:300]!r}")
                answered += 1
        return answered

    with ThreadPoolExecutor(callers) as threads:
        return sum(threads.map(caller, range(callers))) / seconds


@dataclass(frozen=True)
class Served:
    """`statements` is what the measured request took, and what one request to the bare application takes."""

    port: int
    bare_port: int
    statements: int
    filled: Any


@contextmanager
def served(fill: Callable[[Application, str], Any], request: Callable[[Any], bytes], *, therapists: int = THERAPISTS, warm: bool = False) -> Iterator[Served]:
    """A throwaway database of therapists who take new clients, and of what `fill` (application, address) adds; the product on it, and the bare application
    with as many statements as the `request` takes (of what `fill` returned): the first one, or, `warm`, any later one.
    """
    with tempfile.TemporaryDirectory(prefix="attune-bench-") as folder, throwaway() as cluster, Processes() as processes:
        with listening_socket(0)[0] as ours, listening_socket(0)[0] as bare:
            port, bare_port = ours.getsockname()[1], bare.getsockname()[1]
            address = f"http://127.0.0.1:{port}"
            database = Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster)
            environment: dict[str, Any] = environment_of(database, address, var=Path(folder)) | {"BASE_URL": address, "WEB_CONCURRENCY": WORKERS}
            prepare_database(environment)
            application = create_app(read_settings(environment))
            owner = create_engine(cluster.owner_url)
            with owner.begin() as connection:
                a_crowd(connection.execute, therapists, now=datetime.now(UTC), shares=Shares(accepting=1.0))
                for statement in AFTERWARDS:
                    connection.execute(text(statement))
            filled = fill(application, address)
            with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))
            owner.dispose()
            statements = [_statements_of(application, request(filled)) for _ in range(2 if warm else 1)][-1]
            start_web(processes, ours, environment)
            more = environment | {"PYTHONPATH": str(ROOT / "bench" / "served"), "BARE_STATEMENTS": str(statements)}
            command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"fd://{bare.fileno()}", "bare:app"]
            processes.start("bare", command, more, keep=[bare.fileno()])
        wait_until_healthy(processes, address)
        yield Served(port, bare_port, statements, filled)


def _statements_of(application: Application, request: bytes) -> int:
    """How many statements one request sends; the time, asked for with BEGIN or by its first reading, is one of them."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, path, _ = first.split()
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines) if name not in ("Host", "Content-Length")]
    sent: list[str] = []
    with application.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda _connection, _cursor, statement, *_: sent.append(statement))
    answer = application.test_client(use_cookies=False).open(path, method=method, headers=headers, data=body)
    if answer.status_code >= 300:
        raise RuntimeError(f"{answer.status}: {answer.get_data(as_text=True)[:300]}")
    engine.dispose()
    return 1 + len(sent)


def keep(name: str, told: dict[str, Any]) -> None:
    """Print what was found, and keep it in bench/results/, with the load of the machine beside it."""
    told |= {"processors": os.cpu_count(), "load": [round(each, 1) for each in os.getloadavg()]}
    results = ROOT / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told))
