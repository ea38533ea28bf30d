"""How booking stands a rush, over HTTP: 64 clients who all want one opening, and 8 who each book another one.

The rush: every client asks again and again for the same opening until the round is over; each round has a fresh one. An attempt is an answer; exactly one
client may win, nobody may get a 5xx; a greeting for as many callers, in turn, says what this machine can do at all. The calm: openings of many therapists,
with mails, reminders and audit rows written as always (no worker runs), beside a bare route with as many statements and an insert, in turn. Prints JSON
and keeps it in bench/results/.
"""

import json
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "platform"), str(ROOT)]

from shared.over_http import THERAPISTS, Kept, Served, keep, per_second, request_of, served
from sqlalchemy import text
from tests.races import arena

from core.db import db, transaction
from core.dispatch import Application

CLIENTS, CALLERS = 64, 8
RUSHES, SECONDS, ROUNDS = 6, 2.0, 3
AIMS = {"attempts_per_second": 1000, "winners_per_opening": 1, "answers_5xx": 0, "p99_ms": 1000}


@dataclass(frozen=True)
class Scene:
    address: str
    services: list[str]
    clients: list[arena.Runner]

    def booking(self, client: arena.Runner, service: str, start: str) -> bytes:
        headers = {"Cookie": f"session={client.cookie}", "Origin": self.address, "X_CSRF_Token": client.token}
        return request_of("POST", "/api/v1/bookings", {"service_id": service, "start": start}, **headers)


@dataclass(frozen=True)
class Attempt:
    status: int
    code: str | None
    ms: float


def a_scene(application: Application, address: str) -> Scene:
    with application.app_context(), transaction():
        # Those of the crowd, who all work the same hours; not those of the demonstration.
        services = [str(each) for each in db.session.execute(text("SELECT public_id FROM services ORDER BY id DESC LIMIT :n"), {"n": THERAPISTS}).scalars()]
        clients = arena.a_crowd(arena.Arena(application, []), CLIENTS)
    return Scene(address, services, clients)


def a_first_booking(scene: Scene) -> bytes:
    """Of a service, and at a time, that nobody else will ask for."""
    start = datetime.now(UTC).replace(hour=12, minute=20, second=0, microsecond=0) + timedelta(days=9)
    start += timedelta(days=max(0, 7 - start.isoweekday() + 1) if start.isoweekday() > 5 else 0)
    return scene.booking(scene.clients[0], scene.services[-1], f"{start:%Y-%m-%dT%H:%M:%SZ}")


def openings_of(port: int, service: str) -> list[str]:
    start = datetime.now(UTC) + timedelta(days=1)
    path = f"/api/v1/services/{service}/openings?start={start:%Y-%m-%dT%H:%M:%SZ}&end={start + timedelta(days=28):%Y-%m-%dT%H:%M:%SZ}"
    with closing(Kept(port)) as connection:
        return [item["start"] for item in json.loads(connection.ask(request_of("GET", path))[1])["items"]]


def asked(connection: Kept, request: bytes) -> Attempt:
    begun = time.perf_counter()
    status, body = connection.ask(request)
    return Attempt(status, None if status < 300 else json.loads(body).get("code"), (time.perf_counter() - begun) * 1000)


def rush(here: Served, connections: list[Kept], start: str) -> list[Attempt]:
    scene: Scene = here.filled
    together, until = threading.Barrier(CLIENTS), time.monotonic() + SECONDS

    def client(number: int) -> list[Attempt]:
        request, attempts = scene.booking(scene.clients[number], scene.services[0], start), []
        together.wait(timeout=30)
        while time.monotonic() < until:
            attempts.append(asked(connections[number], request))
        return attempts

    with ThreadPoolExecutor(CLIENTS) as threads:
        return [attempt for attempts in threads.map(client, range(CLIENTS)) for attempt in attempts]


def calm(here: Served, wanted: list[Iterator[bytes]]) -> list[Attempt]:
    until = time.monotonic() + SECONDS

    def caller(number: int) -> list[Attempt]:
        attempts = []
        with closing(Kept(here.port)) as connection:
            while time.monotonic() < until:
                attempts.append(asked(connection, next(wanted[number])))
        return attempts

    with ThreadPoolExecutor(CALLERS) as threads:
        return [attempt for attempts in threads.map(caller, range(CALLERS)) for attempt in attempts]


def spread(scene: Scene, caller: int, starts: list[str]) -> Iterator[bytes]:
    """This caller's own clients at ever new times, each with the next of this caller's own therapists."""
    clients, services = scene.clients[caller::CALLERS], scene.services[1:-1][caller::CALLERS]
    number = 0
    for start in starts:
        for client in clients:
            yield scene.booking(client, services[number % len(services)], start)
            number += 1


def rushes(here: Served) -> dict[str, object]:
    starts = openings_of(here.port, here.filled.services[0])[: RUSHES + 1]
    connections = [Kept(here.port) for _ in range(CLIENTS)]
    hello = request_of("GET", "/hello")
    rush(here, connections, starts[-1])
    rounds, greeted = [], []
    for start in starts[:-1]:
        rounds.append(rush(here, connections, start))
        greeted.append(per_second(here.bare_port, hello, callers=CLIENTS, seconds=SECONDS))
    for connection in connections:
        connection.close()
    attempts = [attempt for each in rounds for attempt in each]
    took = [attempt.ms for attempt in attempts]
    each_second, hello_per_second = statistics.median(len(each) / SECONDS for each in rounds), statistics.median(greeted)
    return {
        "attempts_per_second": round(each_second),
        "hello_per_second": round(hello_per_second),
        "of_hello": round(each_second / hello_per_second, 3),
        "winners_per_opening": sorted({sum(attempt.status == 201 for attempt in each) for each in rounds}),
        "answers_5xx": sum(attempt.status >= 500 for attempt in attempts),
        "answers": dict(Counter(attempt.code or str(attempt.status) for attempt in attempts)),
        "p50_ms": round(statistics.median(took), 1),
        "p99_ms": round(statistics.quantiles(took, n=100)[-1], 1),
    }


def calms(here: Served) -> dict[str, object]:
    starts = openings_of(here.port, here.filled.services[1])
    wanted = [spread(here.filled, caller, starts) for caller in range(CALLERS)]
    bare = request_of("POST", "/bare", {})
    calm(here, wanted)
    rounds = [(calm(here, wanted), per_second(here.bare_port, bare, callers=CALLERS, seconds=SECONDS)) for _ in range(ROUNDS)]
    attempts = [attempt for each, _ in rounds for attempt in each]
    took = [attempt.ms for attempt in attempts if attempt.status == 201]
    each_second = statistics.median(sum(attempt.status == 201 for attempt in each) / SECONDS for each, _ in rounds)
    bare_per_second = statistics.median(of_bare for _, of_bare in rounds)
    return {
        "statements": here.statements,
        "bookings_per_second": round(each_second),
        "bare_per_second": round(bare_per_second),
        "of_bare": round(each_second / bare_per_second, 3),
        "answers": dict(Counter(attempt.code or str(attempt.status) for attempt in attempts)),
        "p50_ms": round(statistics.median(took), 1),
        "p95_ms": round(statistics.quantiles(took, n=20)[-1], 1),
    }


def main() -> None:
    with served(a_scene, a_first_booking) as here:
        found = {"rush": rushes(here), "calm": calms(here)}
    what = f"{CLIENTS} clients who want one opening, {SECONDS} s a round; then {CALLERS} who each book another"
    keep("booking", {"what": what, **found, "aims": AIMS})


if __name__ == "__main__":
    main()
