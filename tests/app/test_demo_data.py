"""The invented cast: complete, says that it is invented, moves with the day, and never enters production."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from accounts.models import ROLES
from app.demo import load
from app.demo.credentials import FICTIONAL
from app.demo.refresh import repeat_looks
from booking.lifecycle import State
from booking.models import Booking
from core.clock import FixedClock
from core.db import db, transaction
from desk.models import Case
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser
from tests.factories.therapists import a_therapist, verify
from therapists.check_freshness import prepare_screens
from therapists.freshness import follow_dates, prepare_looks
from therapists.models import Credential, Therapist, VerificationRecord
from therapists.profile import own_profile

pytestmark = pytest.mark.usefixtures("database")


def loaded(clock: FixedClock) -> dict[str, Therapist]:
    with transaction():
        return load.load_demo(environment="test", now=clock.now())


def test_the_cast_has_twenty_two_therapists_and_says_it_is_invented(clock: FixedClock) -> None:
    cast = loaded(clock)
    assert sorted(cast) == [f"T{number:02}" for number in range(1, 23)]
    assert all("does not exist" in therapist.headline for therapist in cast.values())


def test_every_word_of_the_cast_is_in_the_vocabulary(clock: FixedClock) -> None:
    words = vocabulary()
    for row in load.cast()["therapists"]:
        assert set(row["modalities"]) <= set(words.modalities), row["id"]
        assert set(row["core_concerns"] + row["declared_concerns"]) <= set(words.concerns), row["id"]
        assert set(row["languages"]) <= set(words.languages), row["id"]
        assert set(row["credential"]["jurisdictions"]) <= set(words.jurisdictions), row["id"]
        assert row["credential"]["register"] in words.registers, row["id"]


def test_each_role_can_sign_in(clock: FixedClock, client: Callable[[], Browser]) -> None:
    loaded(clock)
    people = load.sign_ins()
    assert {person.role for person in people} == set(ROLES)
    for person in people:
        assert client().sign_in(person.email, person.password).status_code < 300


def test_dates_move_with_the_day_of_loading(clock: FixedClock) -> None:
    clock.advance(days=100)
    cast = loaded(clock)
    with transaction():
        grace = db.session.execute(select(Credential).where(Credential.therapist_id == cast["T07"].person_id)).scalar_one()
    assert grace.expires_on == date(2026, 10, 31) + timedelta(days=100)


def test_there_is_a_booking_in_each_state_that_can_be_seen(clock: FixedClock) -> None:
    loaded(clock)
    with transaction():
        states = set(db.session.execute(select(Booking.state)).scalars())
    assert states == set(State) - {State.HELD}, "a hold lives ten minutes: there is none to be seen later"


def test_a_credential_in_review_waits_at_the_desk(clock: FixedClock, client: Callable[[], Browser]) -> None:
    loaded(clock)
    browser = client()
    browser.sign_in("verifier@demo.attune.example", load.PASSWORD)
    assert [case["kind"] for case in browser.get("/api/v1/cases").get_json()["items"]] == ["verification"]
    assert len(browser.get("/api/v1/verification/queue").get_json()["items"]) == 1


def test_production_refuses_it(clock: FixedClock) -> None:
    with pytest.raises(load.NotInProduction), transaction():
        load.load_demo(environment="production", now=clock.now())


def shown(client: Callable[[], Browser]) -> set[str]:
    return {each["display_name"] for each in client().get("/api/v1/therapists?limit=50").get_json()["items"]}


def test_a_start_after_weeks_makes_the_invented_checks_anew_and_shows_whom_it_showed_at_first(
    app: Flask, clock: FixedClock, client: Callable[[], Browser], run_jobs: Callable[[], list[str]]
) -> None:
    cast = loaded(clock)
    first = shown(client)
    assert len(first) > 10
    clock.advance(days=80)
    with transaction():
        follow_dates(now=clock.now())
        prepare_looks(now=clock.now())
        prepare_screens(now=clock.now())
    assert shown(client) == set(), "everything has aged"
    assert app.test_cli_runner().invoke(args=["demo-data", "--if-empty"]).exit_code == 0
    assert shown(client) == first
    record = latest_record(cast["T16"])
    assert record.note == FICTIONAL
    assert record.took_effect
    with transaction():
        waiting = db.session.scalars(select(Case.subject_kind).where(Case.kind == "verification", Case.state != "closed")).all()
    assert waiting == ["credential"], "the one that was in review from the start"


def latest_record(therapist: Therapist) -> VerificationRecord:
    mine = select(VerificationRecord).join(Credential, Credential.id == VerificationRecord.credential_id).where(Credential.therapist_id == therapist.person_id)
    return db.session.scalars(mine.order_by(VerificationRecord.id.desc()).limit(1)).one()


def test_what_somebody_has_decided_themselves_is_not_made_anew(app: Flask, clock: FixedClock, client: Callable[[], Browser]) -> None:
    cast = loaded(clock)
    with transaction():
        verify(own_profile(cast["T16"].person_id).credentials[0], decision="suspended", reason="register_says_suspended")
    clock.advance(days=20)
    with transaction():
        repeat_looks(now=clock.now())
    assert cast["T16"].display_name not in shown(client)
    assert latest_record(cast["T16"]).decision == "suspended"


def test_nothing_is_made_anew_where_the_cast_was_never_loaded(clock: FixedClock) -> None:
    with transaction():
        therapist = a_therapist()
        clock.advance(days=20)
        repeat_looks(now=clock.now())
        assert latest_record(therapist).note != FICTIONAL


def test_the_command_loads_nothing_when_somebody_is_known(app: Flask, clock: FixedClock) -> None:
    loaded(clock)
    told = app.test_cli_runner().invoke(args=["demo-data", "--if-empty"])
    assert (told.exit_code, told.output) == (0, "")
