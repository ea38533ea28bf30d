"""Places, attendance, pauses, conflicts; and their way to the account of a guest who signs up."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from care.adoption import adopt
from care.attendance import attendances_of, record_attendance
from care.conflicts import conflicts_of, hidden_from, record_conflict, take_back_rejection
from care.models import Attendance, Place, SafetyPause
from care.pause import NotPaused, is_paused, lift_after_answers, lift_pause, pause_for_safety, paused_among
from care.places import place_of, places_of, record_place
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import Invalid
from tests.factories.accounts import a_person
from tests.factories.care import an_attendee
from tests.factories.therapists import a_therapist

HOUR = timedelta(hours=1)


def test_the_latest_statement_at_or_before_an_instant_counts(database: None, clock: FixedClock) -> None:
    with transaction():
        person = a_person().id
        record_place(person, "GB-ENG", zone="Europe/London", source="intake", now=now())
        record_place(person, "US-CA", zone="America/Los_Angeles", source="booking", now=now(), valid_from=now() + HOUR)
        assert place_of(person, at=now() - HOUR) is None
        assert [place_of(person, at=now() + HOUR * hours).jurisdiction for hours in (0, 1, 2)] == ["GB-ENG", "US-CA", "US-CA"]  # type: ignore[union-attr]
        record_place(person, "IE", zone="Europe/Dublin", source="profile", now=now())
        assert place_of(person, at=now()).jurisdiction == "IE"  # type: ignore[union-attr]
        assert places_of([person, a_person().id], at=now()).keys() == {person}


def test_saying_the_same_again_writes_nothing(database: None) -> None:
    with transaction():
        person = an_attendee()
        record_place(person, "GB-ENG", zone="Europe/London", source="profile", now=now())
    assert db.session.scalar(select(func.count()).select_from(Place)) == 1


@pytest.mark.parametrize(("code", "zone", "field"), [("GB", "Europe/London", "jurisdiction"), ("", "UTC", "jurisdiction"), ("IE", "Etc/GMT", "zone")])
def test_unknown_places_and_zones_are_refused(database: None, code: str, zone: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal, transaction():
        record_place(a_person().id, code, zone=zone, source="intake", now=now())
    assert list(refusal.value.errors) == [field]


def test_attendance_is_one_row_whose_needs_are_sealed(database: None) -> None:
    with transaction():
        person = a_person().id
        record_attendance(person, age_band="adult", needs=["self_harm"], now=now())
        assert attendances_of([person])[person].needs == ["self_harm"]
        record_attendance(person, age_band="age_65_plus", needs=[], now=now())
        again = attendances_of([person])[person]
        assert (again.age_band, again.needs) == ("age_65_plus", [])
        record_attendance(person, age_band="adult", needs=["self_harm"], now=now())
    sealed = db.session.scalars(select(Attendance.needs_sealed)).one()
    assert sealed is not None
    assert b"self_harm" not in sealed


def test_attendance_takes_only_words_of_the_vocabulary(database: None) -> None:
    for age_band, needs in (("old", []), ("adult", ["the moon"])):
        with pytest.raises(Invalid), transaction():
            record_attendance(a_person().id, age_band=age_band, needs=needs, now=now())


def test_a_pause_is_one_and_only_a_person_lifts_it_with_an_outcome(database: None) -> None:
    with transaction():
        person, responder = a_person().id, a_person().id
        with pytest.raises(NotPaused):
            lift_pause(person, by=responder, outcome="false_alarm", now=now())
        pause_for_safety(person, now=now())
        pause_for_safety(person, now=now())
        assert is_paused(person)
        assert paused_among([person, responder]) == {person}
        assert paused_among([]) == frozenset()
        with pytest.raises(ValueError, match="outcome"):
            lift_pause(person, by=responder, outcome="", now=now())
        lift_pause(person, by=responder, outcome="safe_to_continue", now=now())
        assert not is_paused(person)
        pause_for_safety(person, now=now())
        assert is_paused(person)
    assert db.session.scalar(select(func.count()).select_from(SafetyPause)) == 2


def test_answering_ends_only_the_pause_of_the_questions_and_never_one_with_a_later_reason(database: None, clock: FixedClock) -> None:
    with transaction():
        person, asked_at = a_person().id, now()
        pause_for_safety(person, now=now())
        lift_after_answers(person, paused_at=asked_at, now=now())
        assert not is_paused(person)
        pause_for_safety(person, now=now())
        clock.advance(minutes=1)
        pause_for_safety(person, now=now())
        lift_after_answers(person, paused_at=asked_at, now=now())
        assert is_paused(person), "said elsewhere meanwhile: only a person lifts it"


def test_a_clients_own_rejection_only_hides_and_can_be_taken_back(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist_id, client = a_therapist().person_id, a_person().id
        record_conflict(therapist_id, client, reason="rejected_by_client", now=now())
        assert (hidden_from(client, now=now()), conflicts_of([client], now=now())) == ({therapist_id}, {})
        clock.advance(minutes=1)
        take_back_rejection(therapist_id, client, now=now())
        assert hidden_from(client, now=now()) == frozenset()


def test_adopting_carries_everything_over_the_pause_included(database: None) -> None:
    with transaction():
        guest, member, therapist_id = an_attendee(needs=["self_harm"]), a_person().id, a_therapist().person_id
        record_conflict(therapist_id, guest, reason="declined", now=now(), ends_at=now() + HOUR)
        pause_for_safety(guest, now=now())
        adopt(guest, member, now=now())
        assert place_of(member, at=now()).jurisdiction == "GB-ENG"  # type: ignore[union-attr]
        assert attendances_of([member])[member].needs == ["self_harm"]
        assert conflicts_of([member], now=now()) == {member: {therapist_id}}
        assert is_paused(member)
        assert is_paused(guest)


def test_adopting_a_guest_of_whom_nothing_is_known_changes_nothing(database: None) -> None:
    with transaction():
        member = an_attendee()
        adopt(a_person().id, member, now=now())
        assert place_of(member, at=now()) is not None
        assert not is_paused(member)
