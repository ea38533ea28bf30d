"""What therapists stated is stored once a version, names no client, and goes when no slate names it any more."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.demo.load import load_cast
from core.clock import FixedClock, now
from core.db import db, transaction
from matching.kept_facts import facts_named, forget_unnamed, keep_facts
from matching.models import CandidateFacts, Shortlist
from matching.recorded import Version, digest_of
from matching.replay import OtherVersion, replay
from taxonomy.vocabulary import vocabulary
from tests.factories.accounts import an_account
from tests.matching import personas
from tests.matching.visits import Visit
from therapists.models import Therapist

Visiting = Callable[[], Visit]


def versions() -> int:
    return db.session.scalar(select(func.count()).select_from(CandidateFacts)) or 0


def test_a_version_is_stored_once_however_many_lists_name_it(visit: Visiting, therapists: dict[str, Therapist]) -> None:
    visit().answer(personas.P01).shortlist()
    before = versions()
    assert before
    visit().answer(personas.P01).shortlist()
    assert versions() == before
    with transaction():
        db.session.execute(update(Therapist).where(Therapist.person_id == therapists["T16"].person_id).values(style_led=-1))
    visit().answer(personas.P01).shortlist()
    assert versions() == before + 1
    for row in db.session.scalars(select(Shortlist)):
        assert replay(row.shown, facts_named(row.shown), vocabulary=vocabulary()).is_identical


@pytest.mark.usefixtures("therapists")
def test_nothing_of_who_asked_stands_in_it_and_clearing_answers_leaves_nothing_that_leads_there(visit: Visiting) -> None:
    here = visit().answer(personas.P01)
    shown = here.shortlist()
    row = db.session.scalars(select(Shortlist)).one()
    kept = "".join(str(each) for each in db.session.execute(text("SELECT * FROM candidate_facts")))
    for named in (here.id, shown["id"], row.shown["seed"]):
        assert named not in kept
    # Which versions a list names is sealed: nothing in the plain columns of the two tables joins them.
    plain = " ".join(str(each) for each in db.session.execute(text("SELECT id, intake_id, made_at, public_id FROM shortlists")))
    assert not any(digest in plain for digest, *_ in row.shown["pool"])
    assert here.browser.delete(here.path).status_code == 204
    assert db.session.scalar(select(func.count()).select_from(Shortlist)) == 0


@pytest.mark.usefixtures("therapists")
def test_what_no_list_names_is_forgotten_after_two_days_and_what_one_names_stays(visit: Visiting, clock: FixedClock) -> None:
    here, other = visit().answer(personas.P01), visit().answer(personas.P04)
    here.shortlist()
    named = versions()
    other.shortlist()
    assert versions() > named
    assert other.browser.delete(other.path).status_code == 204
    with transaction():
        assert forget_unnamed(now=now() + timedelta(days=2)) == 0, "a process may still believe that they are stored"
        assert forget_unnamed(now=now() + timedelta(days=3)) > 0
    assert versions() == named
    row = db.session.scalars(select(Shortlist)).one()
    assert replay(row.shown, facts_named(row.shown), vocabulary=vocabulary()).is_identical


def test_what_was_rolled_back_is_not_believed_to_be_stored_and_each_day_begins_anew(committed_app: Flask, clock: FixedClock) -> None:
    with committed_app.app_context():
        with transaction():
            verifier = an_account(roles=("verifier",))
            cast = load_cast(now=now(), verifier_id=verifier.person_id, password_hash="nobody signs in with this")
        mine = [Version(digest_of(facts), cast["T16"].person_id, facts) for facts in ("one", "another")]
        with pytest.raises(RuntimeError, match="changed their mind"), transaction():
            keep_facts(mine, now=now())
            raise RuntimeError("changed their mind")
        with transaction():
            keep_facts(mine, now=now())
        with transaction():
            assert versions() == 2
            db.session.execute(text("UPDATE candidate_facts SET named_on = named_on - 9"))
            keep_facts(mine, now=now())
            assert set(db.session.scalars(select(CandidateFacts.named_on))) == {now().date() - timedelta(days=9)}, "known to be stored: nobody asks again today"
        clock.advance(days=1)
        with transaction():
            keep_facts(mine, now=now())
            assert set(db.session.scalars(select(CandidateFacts.named_on))) == {now().date()}


@pytest.mark.usefixtures("therapists")
def test_a_slate_of_before_that_names_no_versions_stops_neither_the_job_nor_is_it_guessed(visit: Visiting) -> None:
    visit().answer(personas.P01).shortlist()
    with transaction():
        row = db.session.scalars(select(Shortlist)).one()
        kept = {name: value for name, value in row.shown.items() if name != "openings"}
        row.shown = kept | {"pool": [{"therapist_id": 16, "key": "of before"}]}
    with transaction():
        assert forget_unnamed(now=now() + timedelta(days=3)) > 0
        with pytest.raises(OtherVersion):
            replay(db.session.scalars(select(Shortlist)).one().shown, {}, vocabulary=vocabulary())
