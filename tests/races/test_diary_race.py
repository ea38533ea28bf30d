"""Two web processes that keep diaries: what somebody was told is booked is offered by neither of them any more, at once; with a control."""

import http.client
import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from tests.races.arena import Arena, opened
from tests.races.test_booking_races import Field

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]
WRITERS, EACH, READERS = 4, 12, 4


class Told:
    """Starts that somebody was told are booked, and offers of them by answers that were asked for after that."""

    def __init__(self) -> None:
        self.booked: set[str] = set()
        self.offered_again: list[str] = []
        self.answers = 0
        self.over = threading.Event()


def offered(field: Field, connection: http.client.HTTPConnection) -> set[str]:
    span = f"start={field.first:%Y-%m-%dT%H:%M:%SZ}&end={field.first + timedelta(days=4):%Y-%m-%dT%H:%M:%SZ}"
    connection.request("GET", f"/api/v1/services/{field.service}/openings?{span}")
    return {item["start"] for item in json.loads(connection.getresponse().read())["items"]}


def book_and_read(arena: Arena) -> Told:
    field, told = Field(arena), Told()

    def write(number: int) -> None:
        for at in range(number, WRITERS * EACH, WRITERS):
            start: datetime = field.opening(at)
            (answer,) = arena.race([field.booking(field.crowd[at % len(field.crowd)], start)])
            assert answer.status == 201, answer
            told.booked.add(f"{start:%Y-%m-%dT%H:%M:%SZ}")

    def read(number: int) -> None:
        port = arena.ports[number % len(arena.ports)]
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            while not told.over.is_set():
                known = set(told.booked)
                told.offered_again += known & offered(field, connection)
                told.answers += 1

    with ThreadPoolExecutor(WRITERS + READERS) as threads:
        reading = [threads.submit(read, number) for number in range(READERS)]
        try:
            list(threads.map(write, range(WRITERS)))
        finally:
            told.over.set()
        for each in reading:
            each.result(timeout=60)
    return told


def test_what_was_committed_before_a_question_is_offered_by_no_process(new_database: Callable[[], str]) -> None:
    with opened(new_database) as arena:
        told = book_and_read(arena)
    assert len(told.booked) == WRITERS * EACH
    assert told.answers > len(told.booked), "asked all the while"
    assert told.offered_again == []


def test_with_diaries_that_are_believed_without_asking_it_is_offered_again(new_database: Callable[[], str]) -> None:
    with opened(new_database, wsgi="tests.races.unasked:app") as arena:
        assert book_and_read(arena).offered_again != []
