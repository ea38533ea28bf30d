"""How fast the directory answers over HTTP: 20,000 invented therapists, 4 callers at once, filter + text + page, next openings included.

Usage: bench/directory.py [marginals.json]. A file of published shares stands in for our own round numbers; without one a line says so.
A bare Flask route under the same gunicorn options is called in turns with it: on a machine that others use too, the ratio says more than milliseconds. CPU
is counted apart for the web processes and for this client. Prints JSON.
"""

import json
import os
import socket
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from flask import Flask
from sqlalchemy import create_engine, text
from tests.factories.crowd import OWN, Shares, a_crowd

from app.embedded import Cluster, throwaway
from app.local_environment import Database, environment_of
from app.processes import Processes, listening_socket, prepare_database, start_web, wait_until_healthy

THERAPISTS, CALLERS, CALLS, ROUNDS, LIMIT_MS = 20_000, 4, 200, 3, 60.0
QUERIES = (
    "language=en&concern=anxiety&text=worry&limit=10",
    "modality=cbt&text=burnout&accepting=true&limit=10",
    "language=hi&concern=depression&limit=10",
    "unit=individual&mode=video&ceiling=7000&currency=GBP&text=grief&limit=10",
)


def shares_from(path: Path | None) -> Shares:
    """The shares of a file of published marginals; what it does not say stays ours."""
    if path is None or not path.exists():
        print("No file of published shares: measuring with our own round numbers.", file=sys.stderr)
        return OWN
    found = json.loads(path.read_text())
    no_openings = next(row["p"] for row in found["accepting_new_clients"] if "p" in row)
    low, high = next(row["p_range"] for row in found["modality"] if "p_range" in row)
    return Shares(
        accepting=1 - no_openings,
        other_language=found["languages"][0]["p"],
        cbt=(low + high) / 2,
        insured=1 - found["insurance"][0]["p"],
        mean_fee=round(found["fee_usd"][0]["mean"] * 100),
    )


def hello() -> Flask:
    """The least that this server can do: gunicorn and Flask, nothing of ours."""
    application = Flask("hello")
    application.get("/hello")(lambda: {"hello": "world"})
    return application


class Line:
    """One kept connection, spoken to by hand: http.client costs a quarter of what it would measure."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def get(self, path: str) -> bytes:
        """The body of a 200; anything else ends the measurement."""
        self._socket.sendall(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        read = self._socket.recv(65_536)
        while b"\r\n\r\n" not in read:
            read += self._socket.recv(65_536)
        head, _, body = read.partition(b"\r\n\r\n")
        length = int(next(line.split(b":")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")))
        while len(body) < length:
            body += self._socket.recv(65_536)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{path}: {head.splitlines()[0].decode()}")
        return body


def timed(line: Line, path: str) -> tuple[float, bytes]:
    begun = time.perf_counter()
    body = line.get(path)
    return (time.perf_counter() - begun) * 1000, body


def list_caller(port: int, number: int) -> list[float]:
    """Milliseconds of each call; a page is followed by its next."""
    took, after, line = [], "", Line(port)
    for each in range(CALLS // CALLERS):
        query = QUERIES[(number + each // 2) % len(QUERIES)]
        milliseconds, body = timed(line, f"/api/v1/therapists?{query}{after}")
        took.append(milliseconds)
        page = json.loads(body)
        if not page["items"]:
            raise RuntimeError(f"{query}: nobody")
        after = f"&cursor={page['next']}" if page["next"] and each % 2 == 0 else ""
    return took


def hello_caller(port: int, number: int) -> list[float]:  # noqa: ARG001 called like the other
    line = Line(port)
    return [timed(line, "/hello")[0] for _ in range(CALLS // CALLERS)]


def web_seconds() -> float | None:
    """CPU that the web processes have used so far, whose groups this process leads; None where there is no /proc."""
    used: dict[int, int] = {}
    groups = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # From proc(5), after the name: state, parent, group, ...; 12 and 13 are user and system time.
            told = path.read_text().rpartition(")")[2].split()
            used[int(told[2])] = used.get(int(told[2]), 0) + int(told[11]) + int(told[12])
            groups |= {int(told[2])} if int(told[1]) == os.getpid() else set()
    return sum(used[group] for group in groups) / os.sysconf("SC_CLK_TCK") if used else None


@dataclass(frozen=True)
class Measured:
    """Milliseconds of each call, and CPU milliseconds a call: of the web processes, and of this client."""

    took: list[float]
    web: float | None
    client: float

    def told(self) -> dict[str, float | None]:
        rising = sorted(self.took)
        figures = {"p50_ms": statistics.median(rising), "p95_ms": rising[int(len(rising) * 0.95)], "web_cpu_ms": self.web, "client_cpu_ms": self.client}
        return {name: None if value is None else round(value, 2) for name, value in figures.items()}


def measure(port: int, caller: Callable[[int, int], list[float]]) -> Measured:
    web, client = web_seconds(), time.process_time()
    with ThreadPoolExecutor(CALLERS) as threads:
        took = [each for found in threads.map(lambda number: caller(port, number), range(CALLERS)) for each in found]
    client, used = time.process_time() - client, web_seconds()
    spent = None if web is None or used is None else (used - web) / len(took) * 1000
    return Measured(took, spent, client / len(took) * 1000)


def in_turns(port: int, hello_port: int) -> tuple[Measured, Measured]:
    """Each of the two in every round, so that both meet the same neighbours; the first round warms up."""
    rounds = [(measure(port, list_caller), measure(hello_port, hello_caller)) for _ in range(ROUNDS + 1)][1:]

    def together(parts: Sequence[Measured]) -> Measured:
        web = [part.web for part in parts if part.web is not None]
        return Measured([each for part in parts for each in part.took], statistics.mean(web) if web else None, statistics.mean(part.client for part in parts))

    return together([ours for ours, _ in rounds]), together([bare for _, bare in rounds])


def start_hello(processes: Processes, listening: socket.socket, environment: dict[str, Any]) -> None:
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--pythonpath", "bench", "directory:hello()"]
    processes.start("hello", command, environment, keep=[listening.fileno()])


def filled(cluster: Cluster, environment: dict[str, Any], shares: Shares) -> None:
    prepare_database(environment)
    engine = create_engine(cluster.owner_url)
    with engine.begin() as connection:
        a_crowd(connection.execute, THERAPISTS, now=datetime.now(UTC), shares=shares)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def main() -> None:
    shares = shares_from(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
    with tempfile.TemporaryDirectory(prefix="attune-bench-") as folder, throwaway() as cluster, Processes() as processes:
        (listening, port), (bare, bare_port) = listening_socket(0), listening_socket(0)
        with listening, bare:
            address = f"http://127.0.0.1:{port}"
            database = Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster)
            # As many web processes as production starts by itself; one developer has one.
            served = {"BASE_URL": address, "WEB_CONCURRENCY": os.environ.get("WEB_CONCURRENCY") or str(max(2, os.cpu_count() or 1))}
            environment: dict[str, Any] = environment_of(database, address, var=Path(folder)) | served
            filled(cluster, environment, shares)
            start_web(processes, listening, environment)
            start_hello(processes, bare, environment)
        wait_until_healthy(processes, address)
        ours, hello_took = in_turns(port, bare_port)
    told, bare_told = ours.told(), hello_took.told()
    p50, bare_p50 = told["p50_ms"], bare_told["p50_ms"]
    assert p50 is not None
    assert bare_p50 is not None
    head = {"therapists": THERAPISTS, "callers": CALLERS, "calls": len(ours.took), "cores": os.cpu_count(), "load_1m": round(os.getloadavg()[0], 1)}
    within = (told["p95_ms"] or 0) <= LIMIT_MS
    print(json.dumps(head | told | {"hello": bare_told, "p50_over_hello": round(p50 / bare_p50, 1), "aim_p95_ms": LIMIT_MS, "within_aim": within}))


if __name__ == "__main__":
    main()
