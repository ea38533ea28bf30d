"""The one write path: several people on one booking, and what it costs."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select, text

from booking.lifecycle import State
from booking.models import Booking, BookingParticipant, Claim
from booking.openings.availability import offers_of
from booking.place import Wanted, place
from booking.refusals import OpeningTaken
from care.capacity import NotAccepting, places_taken
from care.doors import MayNotTreat
from care.models import CareRelation
from care.pause import pause_for_safety
from core.clock import now
from core.db import db, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, overlaps
from tests.booking.practice import a_client, a_service, utc
from therapists.models import Therapist


def wanted(service_id: int, *client_ids: int, start: str = "2026-11-23T09:00", **more) -> Wanted:
    offer = offers_of([service_id])[service_id]
    return Wanted(offer, utc(start), client_ids, offer.terms.minutes, **{"by": client_ids[0], "title": "Coffee"} | more)


@pytest.fixture
def couple(practice: Practice) -> tuple[int, int, int]:
    """A service for couples, and two people."""
    with transaction():
        therapist = db.session.get_one(Therapist, practice.therapist_id)
        therapist.units = ["individual", "couple"]
        return a_service(therapist, unit="couple").id, practice.client_id, a_client(name="Kim Wood").person_id


def test_each_of_several_people_has_an_own_claim_title_and_relation(practice: Practice, couple: tuple[int, int, int]):
    service_id, one, two = couple
    with transaction():
        booking = place(wanted(service_id, one, two), State.CONFIRMED, lapses_at=None, now=now())
        claims = db.session.execute(select(Claim.person_id, Claim.role, Claim.blocks).order_by(Claim.id)).all()
        assert [tuple(claim) for claim in claims] == [(practice.therapist_id, "therapist", True), (one, "client", True), (two, "client", True)]
        attending = db.session.scalars(select(BookingParticipant).order_by(BookingParticipant.id)).all()
        assert [(each.person_id, each.title) for each in attending] == [(one, "Coffee"), (two, None)]
        relations = db.session.execute(select(CareRelation.client_id, CareRelation.state).order_by(CareRelation.client_id)).all()
        assert [tuple(row) for row in relations] == [(one, "trial"), (two, "trial")]
        assert (booking.booked_by, booking.unit) == (one, "couple")
    assert practice.book().status_code == 409


def test_what_speaks_against_one_of_several_people_speaks_against_the_booking(practice: Practice, couple: tuple[int, int, int]):
    service_id, one, two = couple
    with transaction():
        place(wanted(service_id, two, start="2026-11-23T11:00"), State.CONFIRMED, lapses_at=None, now=now())
        with pytest.raises(OpeningTaken):
            place(wanted(service_id, one, two, start="2026-11-23T11:00"), State.CONFIRMED, lapses_at=None, now=now())
        # The partner of somebody who has a place needs none, and a closed practice takes nobody new.
        db.session.execute(text("UPDATE therapists SET accepting = false"))
        with pytest.raises(NotAccepting):
            place(wanted(service_id, one, two), State.CONFIRMED, lapses_at=None, now=now())
        db.session.execute(text("UPDATE therapists SET accepting = true"))
        pause_for_safety(two, now=now())
        with pytest.raises(MayNotTreat) as refusal:
            place(wanted(service_id, one, two), State.CONFIRMED, lapses_at=None, now=now())
        assert refusal.value.code == "paused"
        assert db.session.execute(select(Booking.id)).all() != []
    assert overlaps() == 0


def test_a_couple_takes_one_of_the_therapists_places(practice: Practice, couple: tuple[int, int, int]):
    service_id, one, two = couple
    with transaction():
        db.session.execute(text("UPDATE therapists SET places = 1"))
        place(wanted(service_id, one, two), State.HELD, lapses_at=now() + timedelta(minutes=10), held_for="booking", now=now())
        with pytest.raises(NotAccepting):
            place(wanted(service_id, a_client(name="Lee Marsh").person_id, start="2026-11-23T11:00"), State.CONFIRMED, lapses_at=None, now=now())
        place(wanted(service_id, one, two, start="2026-11-23T13:00"), State.CONFIRMED, lapses_at=None, now=now())
        assert places_taken([practice.therapist_id]) == {practice.therapist_id: 1}


@pytest.mark.parametrize("held_for", ["proposal", "offer"])
def test_what_is_held_for_somebody_who_has_not_chosen_it_takes_only_the_therapists_time(practice: Practice, couple: tuple[int, int, int], held_for: str):
    service_id, one, two = couple
    with transaction():
        until = now() + timedelta(hours=48)
        place(wanted(service_id, one, two, by=practice.therapist_id), State.HELD, lapses_at=until, held_for=held_for, now=now())
        claims = db.session.execute(select(Claim.role, Claim.blocks).order_by(Claim.id)).all()
        assert [tuple(claim) for claim in claims] == [("therapist", True), ("client", False), ("client", False)]
        assert db.session.execute(select(CareRelation.id)).all() == []
    assert MONDAY_NINE not in practice.openings()


def test_a_booking_costs_few_statements(practice: Practice):
    seen: list[str] = []

    def note(connection, cursor, statement, *rest):
        seen.append(statement)

    practice.book("2026-11-24T09:00:00Z")
    listening = (db.engine, "before_cursor_execute", note)
    event.listen(*listening)
    try:
        assert practice.book().status_code == 201
    finally:
        event.remove(*listening)
    assert len(seen) <= 32, seen
