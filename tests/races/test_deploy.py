"""R80, R15: a web process is told to stop, or dies, while people book; whoever heard nothing asks again with their key, elsewhere."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from core.clock import now
from core.db import transaction
from tests.booking.practice import a_service, a_therapist
from tests.races.arena import Answer, Arena, Runner, a_crowd, opened

pytestmark = [
    pytest.mark.races,
    pytest.mark.xdist_group("races"),
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the workers of a web process through /proc"),
]
PEOPLE = 50


def test_R80_R15_a_process_that_is_stopped_leaves_no_half_booking_and_a_key_asked_again_gives_the_same_booking(new_database: Callable[[], str]):
    with opened(new_database, processes=3) as arena:
        with arena.app.app_context(), transaction():
            therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
            service, crowd = str(a_service(therapist).public_id), a_crowd(arena, PEOPLE)
            first = (now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
        gentle = interrupted(arena, 0, signal.SIGTERM, crowd[:25], service, first)
        assert arena.processes[0].wait(timeout=20) == 0
        harsh = interrupted(arena, 1, signal.SIGKILL, crowd[25:], service, first + timedelta(hours=30))
        assert all(answer is None or answer.status == 201 for answer in gentle + harsh), [answer and answer.code for answer in gentle + harsh]
        heard = [answer.body["id"] if answer else None for answer in gentle + harsh]
        again = [book(arena, 2, runner, service, first + timedelta(hours=at + (at >= 25) * 5)) for at, runner in enumerate(crowd)]
        assert [answer.status for answer in again] == [201] * PEOPLE
        assert all(before in (None, answer.body["id"]) for before, answer in zip(heard, again, strict=True))
        assert arena.ask("SELECT count(*) FROM bookings") == PEOPLE
        assert arena.ask("SELECT count(*) FROM booking_events") == PEOPLE
        assert arena.ask("SELECT count(*) FROM claims WHERE blocks") == 2 * PEOPLE
        assert arena.ask("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'booking.tell'") == PEOPLE


def interrupted(arena: Arena, process: int, number: signal.Signals, crowd: list[Runner], service: str, first: datetime) -> list[Answer | None]:
    """Everybody asks this process, which gets the signal on the way; None for whoever heard nothing."""

    def one(at: int) -> Answer | None:
        try:
            return book(arena, process, crowd[at], service, first + timedelta(hours=at))
        except OSError:
            return None

    with ThreadPoolExecutor(len(crowd)) as threads:
        running = [threads.submit(one, at) for at in range(len(crowd))]
        time.sleep(0.15)
        for each in [arena.processes[process].pid, *(children(arena.processes[process].pid) if number is signal.SIGKILL else [])]:
            os.kill(each, number)
        return [each.result(timeout=60) for each in running]


def children(pid: int) -> list[int]:
    """The workers of an arbiter: killed with it, before they can answer."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def book(arena: Arena, process: int, runner: Runner, service: str, start: datetime) -> Answer:
    call = (runner, "/api/v1/bookings", {"service_id": service, "start": start.isoformat()}, {"Idempotency-Key": f"one-{runner.person_id}"})
    return arena._call(call, arena.ports[process], threading.Barrier(1))
