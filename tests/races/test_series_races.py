"""Series that want the same weeks at the same instant: one of them gets all of its dates, the other none, and nobody waits for each other in a circle."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import text, update

from booking.refusals import OpeningTaken
from booking.series.book import Repeated, SeriesConflicts, book_series
from care.attendance import record_attendance
from care.places import record_place
from core.clock import now
from core.db import db, transaction
from tests.booking.conftest import overlaps
from tests.booking.practice import a_client, a_service, a_therapist
from therapists.models import Service, Therapist

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]
WEEK = timedelta(weeks=1)
ROUNDS = 6


def therapist_with_series() -> tuple[int, Service]:
    therapist: Therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
    record_place(therapist.person_id, "GB-ENG", zone="Europe/London", source="profile", now=now())
    record_attendance(therapist.person_id, age_band="adult", needs=[], now=now())
    service = a_service(therapist)
    db.session.execute(update(Service).values(series_most=12))
    return therapist.person_id, service


def at_once(app: Flask, wanted: list[tuple[int, Service, datetime]]) -> Counter[str]:
    """Each books a weekly series of six from a thread and a connection of its own."""
    start = threading.Barrier(len(wanted))

    def book(client_id: int, service: Service, first: datetime) -> str:
        with app.app_context():
            start.wait(timeout=30)
            try:
                with transaction():
                    book_series(client_id, service.public_id, first, Repeated(1, 6), now=now())
                return "booked"
            except (SeriesConflicts, OpeningTaken) as refusal:
                return refusal.code
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(wanted)) as threads:
        return Counter(each.result(timeout=60) for each in [threads.submit(book, *one) for one in wanted])


@pytest.mark.parametrize("crossing", ["one_therapist", "each_others_therapist"])
def test_D16_two_series_that_meet_have_one_winner_and_no_deadlock(committed_app: Flask, crossing: str) -> None:
    with committed_app.app_context(), transaction():
        one, service = therapist_with_series()
        if crossing == "one_therapist":
            clients, services = [a_client().person_id, a_client(name="Kim Wood").person_id], [service, service]
        else:
            two, other = therapist_with_series()
            clients, services = [two, one], [service, other]
        first = (now() + timedelta(days=2)).replace(minute=0, second=0, microsecond=0)
    for number in range(ROUNDS):
        hour = first + timedelta(hours=2 * number)
        # They share four of their weeks, and come to them from different ends.
        starts = [hour, hour + 2 * WEEK] if number % 2 else [hour + 2 * WEEK, hour]
        assert at_once(committed_app, list(zip(clients, services, starts, strict=True))) == {"booked": 1, "series_conflicts": 1}
    with committed_app.app_context(), transaction():
        assert overlaps() == 0
        assert db.session.execute(text("SELECT count(*), count(DISTINCT series_id) FROM bookings")).one() == (6 * ROUNDS, ROUNDS)
