"""Standings from the rows: what counts, from where to where, and what does not."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event

from core.clock import now
from core.db import db, transaction
from tests.factories.therapists import a_claim, a_therapist, an_unverified_therapist, verify
from therapists.facts import standings
from therapists.models import Therapist
from therapists.standing import Standing, counts, covers


def standing(therapist: Therapist) -> Standing:
    return standings([therapist.person_id])[therapist.person_id]


def counting(therapist: Therapist, days: int = 3) -> list[str]:
    return [facts.register for facts in standing(therapist).credentials if counts(facts, now() + timedelta(days=days), now=now())]


def a_us_psychologist() -> Therapist:
    return an_unverified_therapist(country="US", zone="America/Chicago")


def a_privilege(therapist: Therapist, **facts: object) -> None:
    verify(a_claim(therapist, register="psypact", credential_type="apit", number="E1"), jurisdictions=("US-CO", "US-TX"), **facts)


def a_home_licence(therapist: Therapist, **facts: object) -> None:
    claim = a_claim(therapist, register="us_state_board", credential_type="psychologist", number="TX 1", jurisdictions=["US-TX"])
    verify(claim, jurisdictions=("US-TX",), **facts)


def test_unknown_ids_are_missing_and_nobody_costs_nothing(database: None) -> None:
    assert standings([]) == {}
    assert standings([1 << 40]) == {}


def test_any_number_of_therapists_takes_two_queries(database: None) -> None:
    with transaction():
        ids = [a_therapist().person_id for _ in range(4)]
        db.session.flush()
        asked: list[str] = []
        watch = lambda *args: asked.append(args[2])  # noqa: E731
        engine = db.session.connection().engine
        event.listen(engine, "before_cursor_execute", watch)
        try:
            assert len(standings(ids)) == 4
        finally:
            event.remove(engine, "before_cursor_execute", watch)
    assert len(asked) == 2


def test_great_britain_as_a_whole_covers_its_four_parts_and_nothing_else(database: None) -> None:
    with transaction():
        credential = standing(a_therapist()).credentials[0]
    assert credential.zone == "Europe/London"
    assert all(covers(credential.jurisdictions, code) for code in ("GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"))
    assert not covers(credential.jurisdictions, "IE")


def test_a_privilege_without_a_home_licence_counts_for_nothing(database: None) -> None:
    with transaction():
        therapist = a_us_psychologist()
        a_privilege(therapist)
        assert counting(therapist) == []
        a_home_licence(therapist)
        assert counting(therapist) == ["psypact", "us_state_board"]


def test_a_privilege_ends_with_the_home_licence(database: None) -> None:
    with transaction():
        therapist = a_us_psychologist()
        a_privilege(therapist)
        a_home_licence(therapist, expires_on=date(2026, 12, 1))
        assert counting(therapist, days=5) == ["psypact", "us_state_board"]
        assert counting(therapist, days=12) == []


@pytest.mark.parametrize("credential_type", ["rp_inactive"])
def test_a_member_who_may_not_treat_is_active_and_authorises_nothing(database: None, credential_type: str) -> None:
    with transaction():
        therapist = an_unverified_therapist(country="CA", zone="America/Toronto")
        credential = verify(a_claim(therapist, register="crpo", credential_type=credential_type, number="012345"), jurisdictions=("CA-ON",))
        assert credential.state == "active"
        assert counting(therapist) == []


def test_an_npi_licenses_nobody(database: None) -> None:
    with transaction():
        therapist = a_us_psychologist()
        verify(a_claim(therapist, register="npi", credential_type="", number="1234567893"), jurisdictions=())
        assert counting(therapist) == []


def test_the_last_day_is_counted_in_the_zone_of_the_register(database: None) -> None:
    with transaction():
        therapist = an_unverified_therapist(country="AU", zone="Australia/Perth")
        claim = a_claim(therapist, register="ahpra", credential_type="general", number="PSY0000000001")
        verify(claim, jurisdictions=("AU",), expires_on=date(2026, 11, 29))
        facts = standing(therapist).credentials[0]
    assert facts.zone == "Australia/Sydney"
    last_minute = datetime(2026, 11, 29, 23, 59, tzinfo=ZoneInfo("Australia/Sydney"))
    assert counts(facts, last_minute, now=now())
    assert not counts(facts, last_minute + timedelta(minutes=1), now=now())


def test_facts_are_read_past_what_the_session_remembers(database: None) -> None:
    with transaction():
        therapist = a_therapist()
        kept = list(therapist.services)
        assert not standing(therapist).barred
        db.session.execute(Therapist.__table__.update().values(held_at=now()))  # type: ignore[attr-defined]
        assert standing(therapist).barred
        assert list(therapist.services) == kept
