"""How reliably therapists answer and keep appointments: what counts, what does not, and that it stands still within a day."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from booking.confirm import confirm_request
from booking.decline import decline_request
from booking.expire import expire_booking
from booking.models import Booking
from booking.request import request_booking
from booking.track_record.measure import measure_all, track_records_of
from booking.withdraw import withdraw_request
from core.clock import FixedClock
from core.db import db, transaction
from tests.booking.practice import a_client, a_consultation, a_service, a_therapist
from therapists.models import Service, Therapist

pytestmark = pytest.mark.usefixtures("database")


def measured(therapist: Therapist, clock: FixedClock) -> tuple[int, ...] | None:
    with transaction():
        measure_all(now=clock.now())
        found = track_records_of([therapist.person_id]).get(therapist.person_id)
        return found and (found.requests, found.on_time, found.appointments, found.kept, found.usual_answer_hours)


def asked(service: Service, clock: FixedClock, days: int) -> Booking:
    """A request of somebody new for nine o'clock, so many days after Monday."""
    with transaction():
        start = clock.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=days)
        return request_booking(a_client().person_id, service.public_id, start, now=clock.now())


@pytest.fixture
def consultation(clock: FixedClock) -> Service:
    clock.instant = clock.now().replace(month=11, day=23, hour=8)
    with transaction():
        return a_consultation(a_therapist(weekdays="0123456"))


@pytest.fixture
def therapist(consultation: Service) -> Therapist:
    found = db.session.get(Therapist, consultation.therapist_id)
    assert found is not None
    return found


def test_nobody_new_has_a_record(therapist: Therapist, clock: FixedClock) -> None:
    assert measured(therapist, clock) is None


def test_yes_and_no_in_time_are_answers_silence_is_not_and_a_withdrawn_request_says_nothing(
    consultation: Service, therapist: Therapist, clock: FixedClock
) -> None:
    said_yes, said_no, silent, taken_back, waiting = (asked(consultation, clock, days) for days in (3, 4, 5, 6, 7))
    with transaction():
        withdraw_request(taken_back.public_id, by=taken_back.booked_by, now=clock.now())
    clock.advance(hours=2)
    with transaction():
        confirm_request(said_yes.public_id, by=therapist.person_id, now=clock.now())
        decline_request(said_no.public_id, by=therapist.person_id, reason="time", now=clock.now())
    clock.advance(hours=46)
    with transaction():
        assert expire_booking(db.session.get_one(Booking, silent.id), now=clock.now())
    assert measured(therapist, clock) == (3, 2, 0, 0, None), "fewer than five answers say nothing about how long they take"
    assert waiting.state == "requested"


def test_with_five_answers_it_is_said_within_how_many_hours_four_in_five_of_them_came(consultation: Service, therapist: Therapist, clock: FixedClock) -> None:
    requests = [asked(consultation, clock, days) for days in range(5, 10)]
    for request, minutes in zip(requests, (10, 60, 61, 1, 600), strict=True):
        clock.advance(minutes=minutes)
        with transaction():
            confirm_request(request.public_id, by=therapist.person_id, now=clock.now())
    # After 10, 70, 131, 132 and 732 minutes: four in five within 132, which is said as three hours.
    assert measured(therapist, clock) == (5, 5, 0, 0, 3)


def test_appointments_are_kept_when_they_take_place_or_only_the_client_stays_away(therapist: Therapist, clock: FixedClock) -> None:
    outcomes = [
        ("completed", "took_place", None),
        ("completed", "ended_early", None),
        ("no_show", "client_absent", None),
        ("no_show", "therapist_absent", None),
        ("no_show", "technical_failure", None),
        ("cancelled", None, "therapist"),
        ("cancelled", None, "client"),
        ("confirmed", None, None),
    ]
    with transaction():
        service = a_service(therapist)
    for days, (state, outcome, ended_by) in enumerate(outcomes, 1):
        booking = asked(service, clock, days)
        by = {"therapist": therapist.person_id, "client": booking.booked_by, None: None}[ended_by]
        with transaction():
            how = {"state": state, "outcome": outcome, "outcome_at": outcome and clock.now(), "ended_by": by}
            db.session.execute(update(Booking).where(Booking.id == booking.id).values(**how))
    assert measured(therapist, clock) == (0, 0, 5, 3, None)


def test_what_is_older_than_half_a_year_is_forgotten_and_measuring_again_replaces(consultation: Service, therapist: Therapist, clock: FixedClock) -> None:
    request = asked(consultation, clock, 3)
    with transaction():
        decline_request(request.public_id, by=therapist.person_id, reason="time", now=clock.now())
    assert measured(therapist, clock) == measured(therapist, clock) == (1, 1, 0, 0, None)
    clock.advance(days=181)
    assert measured(therapist, clock) is None
