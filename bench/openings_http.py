"""How many anonymous readers of 31 days of openings one machine answers, beside a greeting and beside a bare route with as many statements.

All three are served by the same gunicorn options and asked over kept connections by the same callers, one after the other, three rounds in turn; the
median of each counts. Only the two ratios mean anything on another machine. Prints JSON and keeps it in bench/results/.
"""

import json
import os
import socket
import statistics
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from sqlalchemy import create_engine, text
from tests.factories.crowd import a_crowd

from app.embedded import throwaway
from app.local_environment import Database, environment_of
from app.processes import Processes, listening_socket, prepare_database, start_web, wait_until_healthy

CALLERS, SECONDS, ROUNDS, DAYS = 8, 3.0, 3, 31
STATEMENTS = 4  # beside the opening of the transaction: its instant, the service, the schedule's rules, busy time
AIMS = {"of_hello": 0.20, "of_bare": 0.60}
RESULTS = ROOT / "bench" / "results" / "openings_http.json"


def caller(port: int, path: str, until: float) -> int:
    """Answers over one connection until the time is up."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    answered = 0
    with closing(socket.create_connection(("127.0.0.1", port), timeout=30)) as connection:
        while time.monotonic() < until:
            connection.sendall(request)
            received = connection.recv(262_144)
            head, _, body = received.partition(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(received[:300])
            length = int(next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))[15:])
            missing = length - len(body)
            while missing > 0:
                missing -= len(connection.recv(min(missing, 262_144)))
            answered += 1
    return answered


def per_second(port: int, path: str) -> float:
    until = time.monotonic() + SECONDS
    with ThreadPoolExecutor(CALLERS) as threads:
        return sum(threads.map(lambda _: caller(port, path, until), range(CALLERS))) / SECONDS


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="attune-bench-") as folder, throwaway() as cluster, Processes() as processes:
        with listening_socket(0)[0] as ours, listening_socket(0)[0] as bare:
            port, bare_port = ours.getsockname()[1], bare.getsockname()[1]
            address = f"http://127.0.0.1:{port}"
            database = Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster)
            environment: dict[str, Any] = environment_of(database, address, var=Path(folder)) | {"BASE_URL": address, "WEB_CONCURRENCY": "2"}
            prepare_database(environment)
            service = a_busy_service(cluster.owner_url)
            start_web(processes, ours, environment)
            more = environment | {"PYTHONPATH": str(ROOT / "bench" / "served"), "BARE_STATEMENTS": str(STATEMENTS)}
            command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--bind", f"fd://{bare.fileno()}", "bare:app"]
            processes.start("bare", command, more, keep=[bare.fileno()])
        wait_until_healthy(processes, address)
        start = datetime.now(UTC).replace(microsecond=0)
        query = f"start={start:%Y-%m-%dT%H:%M:%SZ}&end={start + timedelta(days=DAYS):%Y-%m-%dT%H:%M:%SZ}"
        paths = {"hello": (bare_port, "/hello"), "bare": (bare_port, "/bare"), "openings": (port, f"/api/v1/services/{service}/openings?{query}")}
        for where in paths.values():
            per_second(*where)
        rounds = [{name: per_second(*where) for name, where in paths.items()} for _ in range(ROUNDS)]
    found = {name: statistics.median(each[name] for each in rounds) for name in paths}
    told = {
        "what": f"{DAYS} days of openings over HTTP, anonymous, {CALLERS} callers, {os.cpu_count()} processors",
        **{f"{name}_per_second": round(value) for name, value in found.items()},
        "of_hello": round(found["openings"] / found["hello"], 3),
        "of_bare": round(found["openings"] / found["bare"], 3),
        "aims": AIMS,
    }
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(told, indent=1) + "\n")
    print(json.dumps(told))


def a_busy_service(owner_url: str) -> str:
    """One of a hundred therapists, with a week of 20 sessions for four weeks; its public id."""
    engine = create_engine(owner_url)
    with engine.begin() as connection:
        a_crowd(connection.execute, 100, now=datetime.now(UTC))
        connection.execute(text(BOOKED))
        service = connection.execute(text("SELECT public_id FROM services ORDER BY id DESC LIMIT 1")).scalar_one()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return str(service)


BOOKED = """
WITH one AS (SELECT * FROM services ORDER BY id DESC LIMIT 1), slots AS (
  SELECT date_trunc('day', now(), 'UTC') + d * interval '1 day' + h * interval '1 hour' AS at FROM generate_series(1, 28) d, generate_series(9, 15, 2) h
), made AS (
  INSERT INTO bookings (public_id, therapist_id, service_id, state, starts_at, ends_at, wall_start, zone, tzdata, kind, unit, mode, fee_amount, fee_currency,
    cancel_free_hours, calendar_uid, booked_by, created_at, changed_at)
  SELECT gen_random_uuid(), therapist_id, id, 'confirmed', at, at + interval '50 minutes', '', 'UTC', '', kind, unit, mode, 0, 'GBP', 24,
    gen_random_uuid()::text, therapist_id, now(), now() FROM one, slots RETURNING id, therapist_id, starts_at, ends_at
)
INSERT INTO claims (booking_id, role, person_id, blocks_from, blocks_to, blocks)
SELECT id, 'therapist', therapist_id, starts_at, ends_at, true FROM made
"""


if __name__ == "__main__":
    main()
