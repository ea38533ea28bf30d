"""D18: accepting an offer at the instant at which it runs out has one outcome, whichever of the two comes first."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, text

from booking.advance import lock_booking
from booking.expire import expire_booking
from booking.waitlist.answer_offer import accept_offer
from booking.waitlist.jobs import offer_openings
from booking.waitlist.join import join_waitlist
from booking.waitlist.models import WaitlistOffer
from core.clock import now
from core.db import db, transaction
from core.errors import DomainError
from tests.booking.practice import a_client, a_service, a_therapist

pytestmark = [pytest.mark.races, pytest.mark.xdist_group("races")]
ROUNDS = 20


def twenty_offers() -> list[int]:
    """One opening each for twenty people in one line, by the chain of jobs that a freed time starts."""
    with transaction():
        therapist = a_therapist(hours="00:00-24:00", weekdays="0123456", zone="UTC")
        therapist.waitlist_open = True
        service = a_service(therapist, window_days=5).public_id
        for _ in range(ROUNDS):
            join_waitlist(a_client().person_id, service, now=now())
        therapist_id = therapist.person_id
    after: int | None = 0
    while after is not None:
        with transaction():
            db.session.execute(text("DELETE FROM procrastinate_jobs"))
            offer_openings.work(therapist_id=therapist_id, after=after)
        with transaction():
            after = db.session.execute(text("SELECT (args ->> 'after')::bigint FROM procrastinate_jobs WHERE args ? 'after'")).scalar_one_or_none()
    with transaction():
        assert db.session.execute(text("SELECT count(DISTINCT starts_at) FROM bookings WHERE state = 'held'")).scalar_one() == ROUNDS
        return list(db.session.scalars(select(WaitlistOffer.id).order_by(WaitlistOffer.id)))


def test_D18_accept_and_expire_at_once_have_one_outcome_in_each_of_20_rounds(committed_app: Flask) -> None:
    with committed_app.app_context():
        offers = twenty_offers()
    outcomes = [race(committed_app, offer_id) for offer_id in offers]
    assert {sum(won) for won in outcomes} == {1}, "one of the two, and never both"
    with committed_app.app_context(), transaction():
        pairs = "SELECT b.state, o.outcome, e.state, count(*) FROM waitlist_offers o JOIN bookings b ON b.id = o.booking_id JOIN waitlist_entries e"
        found = db.session.execute(text(f"{pairs} ON e.id = o.entry_id GROUP BY 1, 2, 3")).all()
        assert {tuple(row[:3]) for row in found} <= {("confirmed", "accepted", "fulfilled"), ("expired", "lapsed", "waiting")}
        events = "SELECT max(n) FROM (SELECT count(*) AS n FROM booking_events WHERE from_state = 'held' GROUP BY booking_id) AS steps"
        assert db.session.execute(text(events)).scalar_one() == 1


def race(app: Flask, offer_id: int) -> tuple[bool, bool]:
    """Whether the acceptance, and whether the end of the clock, was what happened."""
    start = threading.Barrier(2)

    def run(act: Callable[[WaitlistOffer], bool]) -> bool:
        with app.app_context(), suppress(DomainError), transaction():
            offer = db.session.get_one(WaitlistOffer, offer_id)
            start.wait(timeout=30)
            return act(offer)
        return False

    def accept(offer: WaitlistOffer) -> bool:
        return accept_offer(offer, now=offer.expires_at - timedelta(seconds=1)).state == "confirmed"

    def expire(offer: WaitlistOffer) -> bool:
        return expire_booking(lock_booking(offer.booking_id), now=offer.expires_at)

    with ThreadPoolExecutor(2) as threads:
        accepted, expired = threads.submit(run, accept), threads.submit(run, expire)
        return accepted.result(timeout=60), expired.result(timeout=60)
