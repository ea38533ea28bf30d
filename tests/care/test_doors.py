"""The doors over the database: who may treat whom, and that a lapse closes them without any write."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from care.conflicts import record_conflict
from care.doors import MayNotTreat, Paused, refusals_of, require_may_treat
from care.eligibility import CODES
from care.pause import lift_pause, pause_for_safety
from care.places import record_place
from care.relation import accept_care, request_care
from core.clock import FixedClock, now
from core.db import db, transaction
from taxonomy.vocabulary import vocabulary
from tests.factories.accounts import a_person
from tests.factories.care import an_attendee
from tests.factories.checks import OF_EVERYBODY, look_again_at_checks, pass_checks
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from therapists.models import Therapist
from therapists.platform_hold import lift_hold, put_on_hold
from therapists.profile import own_profile

SESSION: dict[str, Any] = {"kind": "session", "unit": "individual", "mode": "video"}
FLOOR = next(slug for slug, concern in vocabulary().concerns.items() if concern.needs_floor)


def codes(therapist: Therapist, *clients: int, at: datetime | None = None, **occasion: Any) -> list[str]:
    at = at or now() + timedelta(days=2)
    found = refusals_of([therapist.person_id], clients, at=at, now=now(), **{**SESSION, **occasion})
    return [refusal.code for refusal in found[therapist.person_id]]


def test_a_verified_therapist_may_treat_an_adult_in_their_country(database: None) -> None:
    with transaction():
        therapist, client = a_therapist(), an_attendee()
        assert codes(therapist, client) == []
        require_may_treat(therapist.person_id, [client], at=now(), now=now(), **SESSION)


def test_a_therapist_who_does_not_exist_is_refused_by_every_code(database: None) -> None:
    with transaction():
        client = an_attendee()
        found = refusals_of([1 << 40], [client], at=now(), now=now(), **SESSION)
    assert [refusal.code for refusal in found[1 << 40]] == list(CODES)


def test_a_person_of_whom_nothing_is_known_is_refused(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        assert codes(therapist, a_person().id) == ["jurisdiction", "age_group"]
        assert codes(therapist) == ["jurisdiction", "age_group", "paused"]


def test_R18_M08_the_door_closes_by_the_clock_alone(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist, client = a_therapist(expires_on=date(2026, 11, 30)), an_attendee()
    end_of_last_day = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
    assert codes(therapist, client, at=end_of_last_day) == []
    assert codes(therapist, client, at=end_of_last_day + timedelta(minutes=1)) == ["verified"]
    clock.advance(days=9)
    assert codes(therapist, client, at=now()) == ["verified"]
    with pytest.raises(MayNotTreat) as refusal:
        require_may_treat(therapist.person_id, [client], at=now(), now=now(), **SESSION)
    assert (refusal.value.code, refusal.value.extra) == ("may_not_treat", {"reasons": ["verified"]})


@pytest.mark.parametrize(("decision", "reason", "code"), [("suspended", "sanctioned", ["verified", "not_barred"]), ("lapsed", "not_renewed", ["verified"])])
def test_R18_M07_M09_the_door_closes_with_a_record_and_opens_with_one(database: None, decision: str, reason: str, code: list[str]) -> None:
    with transaction():
        therapist, client = a_therapist(), an_attendee()
        credential = own_profile(therapist.person_id).credentials[0]
        verify(credential, decision=decision, reason=reason)
        assert codes(therapist, client) == code
        verify(credential)
        assert codes(therapist, client) == []


def test_a_late_look_of_ours_turns_new_clients_away_and_lets_relations_stand(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist, known, new = a_therapist(), an_attendee(), an_attendee()
        request_care(therapist.person_id, known, unit="individual", origin="match", now=now())
        accept_care(therapist.person_id, known, now=now())
    seen = []
    for days in (31 + 14, 1, 30, 1):
        clock.advance(days=days)
        with transaction():
            look_again_at_checks(therapist)
        seen.append((codes(therapist, known), codes(therapist, new)))
    assert seen == [([], []), ([], ["verified"]), ([], ["verified"]), (["verified"], ["verified"])]
    with transaction():
        verify(own_profile(therapist.person_id).credentials[0])
        assert (codes(therapist, known), codes(therapist, new)) == ([], [])


def test_M07_a_hold_bars_everywhere_until_it_is_lifted(database: None) -> None:
    with transaction():
        therapist, client, admin = a_therapist(), an_attendee(), a_person().id
        put_on_hold(therapist.public_id, reason="complaint", by=admin, now=now())
        assert codes(therapist, client) == ["not_barred"]
        lift_hold(therapist.public_id, by=admin, now=now())
        assert codes(therapist, client) == []


def test_R51_a_claim_in_review_treats_nobody(database: None) -> None:
    with transaction():
        therapist, client = an_unverified_therapist(), an_attendee()
        assert codes(therapist, client) == ["verified", "required_checks", "jurisdiction"]
        a_claim(therapist)
        assert "verified" in codes(therapist, client)


def test_P07_M10_where_the_person_will_be_counts_and_when(database: None) -> None:
    with transaction():
        therapist, client = a_therapist(), an_attendee()
        move = now() + timedelta(days=10)
        record_place(client, "IE", zone="Europe/Dublin", source="booking", now=now(), valid_from=move)
        assert codes(therapist, client, at=move - timedelta(seconds=1)) == []
        assert codes(therapist, client, at=move) == ["jurisdiction"]


def test_every_participants_place_counts_whoever_is_named_first(database: None) -> None:
    with transaction():
        therapist = a_therapist(units=["couple"])
        here, abroad = an_attendee(), an_attendee(place="IE", zone="Europe/Dublin")
        assert codes(therapist, here, unit="couple") == []
        assert codes(therapist, here, abroad, unit="couple") == codes(therapist, abroad, here, unit="couple") == ["jurisdiction"]


def test_ages_units_and_competence(database: None) -> None:
    with transaction():
        therapist, minors = a_therapist(), a_therapist(age_bands=["adult", "age_13_17"])
        teen = an_attendee(age_band="age_13_17")
        assert codes(therapist, teen) == ["age_group"]
        assert codes(minors, teen) == ["age_group"], "working with minors needs the checks as well"
        pass_checks(minors, ["child_protection"])
        assert codes(minors, teen) == []
        assert codes(therapist, an_attendee(), unit="couple") == ["unit"]
        in_need = an_attendee(needs=[FLOOR])
        assert codes(therapist, in_need) == ["competence_floor"]
        therapist.verified_competences = [FLOOR]
        db.session.flush()
        assert codes(therapist, in_need) == []


def test_P18_a_supervised_trainee_sees_adults_but_nobody_at_risk(database: None) -> None:
    with transaction():
        trainee = an_unverified_therapist(country="CA", zone="America/Toronto")
        verify(a_claim(trainee, register="crpo", credential_type="rp_qualifying", number="012345"), jurisdictions=("CA-ON",), supervised=True)
        trainee.verified_competences = [FLOOR]
        pass_checks(trainee, OF_EVERYBODY)
        ontario = {"place": "CA-ON", "zone": "America/Toronto"}
        assert codes(trainee, an_attendee(**ontario)) == ["required_checks"], "practice under supervision needs proof of it"
        pass_checks(trainee, ["supervision"])
        assert codes(trainee, an_attendee(**ontario)) == []
        assert codes(trainee, an_attendee(needs=[FLOOR], **ontario)) == ["scope"]


def test_P11_a_pause_closes_every_door_until_a_person_lifts_it(database: None) -> None:
    with transaction():
        therapist, client, partner, responder = a_therapist(units=["couple"]), an_attendee(), an_attendee(), a_person().id
        pause_for_safety(partner, now=now())
        with pytest.raises(Paused) as refusal:
            require_may_treat(therapist.person_id, [client, partner], at=now(), now=now(), **{**SESSION, "unit": "couple"})
        assert (refusal.value.code, refusal.value.extra) == ("paused", {"reasons": ["paused"]})
        lift_pause(partner, by=responder, outcome="safe_to_continue", now=now())
        assert codes(therapist, client, partner, unit="couple") == []


def test_P27_a_decline_refuses_until_it_ends_and_a_rejection_never_does(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist, other, client = a_therapist(), a_therapist(), an_attendee()
        record_conflict(therapist.person_id, client, reason="declined", now=now(), ends_at=now() + timedelta(days=90))
        record_conflict(other.person_id, client, reason="rejected_by_client", now=now())
        assert (codes(therapist, client), codes(other, client)) == (["no_conflict"], [])
    clock.advance(days=90)
    with transaction():
        verify(own_profile(therapist.person_id).credentials[0])
        look_again_at_checks(therapist)
        assert codes(therapist, client) == []


def test_P39_a_conflict_tells_nothing_about_anybody_else(database: None) -> None:
    with transaction():
        therapist, client = a_therapist(), an_attendee()
        record_conflict(therapist.person_id, client, reason="partner_in_care", now=now())
        with pytest.raises(MayNotTreat) as refusal:
            require_may_treat(therapist.person_id, [client], at=now(), now=now(), **SESSION)
    assert refusal.value.detail == "This therapist cannot work with you."
    assert refusal.value.extra == {"reasons": ["no_conflict"]}


def test_nobody_is_their_own_client(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        record_place(therapist.person_id, "GB-ENG", zone="Europe/London", source="profile", now=now())
        assert "no_conflict" in codes(therapist, therapist.person_id)


def test_any_number_of_therapists_and_people_takes_eight_queries(database: None) -> None:
    with transaction():
        therapists = [a_therapist().person_id for _ in range(5)]
        clients = [an_attendee() for _ in range(3)]
        db.session.flush()
        asked = _queries(lambda: refusals_of(therapists, clients, at=now(), now=now(), **SESSION))
    assert asked == 8


def _queries(act: Callable[[], object]) -> int:
    count = 0

    def watch(*_: object) -> None:
        nonlocal count
        count += 1

    engine = db.session.connection().engine
    event.listen(engine, "before_cursor_execute", watch)
    try:
        act()
    finally:
        event.remove(engine, "before_cursor_execute", watch)
    return count
