"""Lists from columns while others write: what was committed before a list was asked for shows in it, whoever writes at the same time; and with the one look
taken away, it does not.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import text

from core.clock import FixedClock
from core.db import db
from tests.matching.live.test_both_ways import World
from therapists.changes import Changes

ROUNDS = 25


@pytest.fixture
def world(committed_app: Flask, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> World:
    return World(committed_app, clock, monkeypatch).begin()


@contextmanager
def others_write(world: World) -> Iterator[None]:
    """Two who never stop changing therapists, in transactions that overlap each other and every list."""
    stop = threading.Event()

    def writer(name: str) -> None:
        with world.app.app_context(), db.engine.connect() as connection:
            while not stop.is_set():
                connection.execute(text("UPDATE therapists SET about = about WHERE person_id = :id"), {"id": world.ids[name]})
                stop.wait(0.003)
                connection.commit()

    threads = [threading.Thread(target=writer, args=(name,)) for name in ("Ravi", "Quinn")]
    for each in threads:
        each.start()
    try:
        yield
    finally:
        stop.set()
        for each in threads:
            each.join()


def stale_lists(world: World) -> int:
    """How many lists showed something older than what was committed before they were asked for."""
    guest, stale = world.visits[0], 0
    assert "Uma" in [card["display_name"] for card in guest.shortlist()["cards"]]
    with others_write(world):
        for number in range(ROUNDS):
            headline, fee = f"As of {number}", 6000 + number * 5
            with world.committing():
                world.set("Uma", headline=headline)
                world.service("Uma").fee_amount = fee
            card = next(each for each in guest.shortlist()["cards"] if each["display_name"] == "Uma")
            stale += (card["headline"], card["usual_fee"]["amount"]) != (headline, fee)
    return stale


def test_a_list_is_never_older_than_what_was_committed_before_it_was_asked_for(world: World) -> None:
    assert stale_lists(world) == 0


def test_without_the_look_at_what_changed_lists_are_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.told()
    monkeypatch.setattr("matching.live.held.changes_since", lambda seen: Changes(seen or "", frozenset(), own=False))
    assert stale_lists(world) > 0
