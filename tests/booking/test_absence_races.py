"""An absence and a booking at the same moment, over two connections: whoever is later sees what the other did."""

import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from booking.disruption import opened
from booking.disruption.models import DisruptedBooking
from booking.models import Booking
from booking.request import request_booking
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError
from tests.booking.practice import a_client, a_service, a_therapist
from therapists.hours_changing import hours_changing
from therapists.profile import profile_for_edit
from therapists.time_off import add_time_off

Work = Callable[[], object]
PATIENCE = 10


@dataclass
class Caller:
    """Does its work in a transaction of its own, and commits it when it may."""

    app: Flask
    work: Work
    done: threading.Event = field(default_factory=threading.Event)
    may_commit: threading.Event = field(default_factory=threading.Event)
    refusal: str | None = None

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self) -> None:
        with self.app.app_context():
            try:
                with transaction():
                    self.work()
                    self.done.set()
                    assert self.may_commit.wait(PATIENCE)
            except DomainError as refused:
                self.refusal = refused.code
            finally:
                self.done.set()
                db.session.remove()

    def commit(self) -> None:
        self.may_commit.set()
        self.thread.join(PATIENCE)
        assert not self.thread.is_alive()


@dataclass
class Race:
    app: Flask
    therapist_id: int
    client_id: int
    service: object
    first: datetime

    def book(self, start: datetime) -> Work:
        return lambda: request_booking(self.client_id, self.service, start, now=now())  # type: ignore[arg-type]

    def be_away(self, start: datetime) -> Work:
        at = (start.date(), start.hour * 60), (start.date(), start.hour * 60 + 59)
        return lambda: opened.cannot_work(self.therapist_id, *at, reason="other", choice="cancel_free", choices={}, now=now())

    def take_off(self, start: datetime) -> Work:
        def work() -> None:
            with hours_changing(self.therapist_id, affected=None, now=now()):
                facts = {"first_day": start.date(), "last_day": start.date(), "from_minute": start.hour * 60, "to_minute": start.hour * 60 + 59}
                add_time_off(profile_for_edit(self.therapist_id), facts, now=now())

        return work

    def together(self, earlier: Work, later: Work) -> tuple[str | None, bool]:
        """What the later one is told, and whether it had to wait, when it calls while the earlier one has not committed."""
        one = Caller(self.app, earlier)
        assert one.done.wait(PATIENCE)
        assert one.refusal is None
        two = Caller(self.app, later)
        two.may_commit.set()
        waited = not two.done.wait(0.5)
        one.commit()
        two.commit()
        return two.refusal, waited

    def booked_and_listed(self, start: datetime) -> tuple[int, int]:
        with self.app.app_context(), transaction():
            at = db.session.scalars(select(Booking.id).where(Booking.starts_at == start, Booking.state == "confirmed")).all()
            return len(at), len(db.session.scalars(select(DisruptedBooking.id).where(DisruptedBooking.booking_id.in_(at))).all())


@pytest.fixture
def race(committed_app: Flask) -> Race:
    with committed_app.app_context(), transaction():
        therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
        service = a_service(therapist).public_id
        start = (now() + timedelta(days=2)).replace(hour=8, minute=0, second=0, microsecond=0)
        return Race(committed_app, therapist.person_id, a_client().person_id, service, start)


@contextmanager
def no_lock(monkeypatch: pytest.MonkeyPatch):  # type: ignore[no-untyped-def]
    with monkeypatch.context() as patch:
        patch.setattr(opened, "lock_persons", lambda *_: None)
        yield


def test_R10_a_booking_and_an_absence_at_once_are_never_a_confirmed_booking_that_nobody_noticed(race: Race, monkeypatch: pytest.MonkeyPatch) -> None:
    hours = [race.first + timedelta(hours=2 * number) for number in range(4)]
    assert race.together(race.book(hours[0]), race.be_away(hours[0])) == (None, True)
    assert race.booked_and_listed(hours[0]) == (1, 1)
    assert race.together(race.be_away(hours[1]), race.book(hours[1])) == ("out_of_hours", True)
    assert race.booked_and_listed(hours[1]) == (0, 0)
    assert race.together(race.book(hours[2]), race.take_off(hours[2])) == ("bookings_affected", True)
    assert race.booked_and_listed(hours[2]) == (1, 0), "the time off was refused"
    with no_lock(monkeypatch):
        assert race.together(race.book(hours[3]), race.be_away(hours[3])) == (None, False)
    assert race.booked_and_listed(hours[3]) == (1, 0), "without the lock nobody notices: the race is real"
