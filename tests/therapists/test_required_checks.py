"""Which checks hold, on which day they end, and who may record them."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from core.audit import AuditEntry
from core.clock import FixedClock, now
from core.db import db, transaction
from core.errors import Invalid
from taxonomy.vocabulary import vocabulary
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account
from tests.factories.checks import ALL, OF_EVERYBODY, check_facts
from tests.factories.therapists import a_therapist, an_unverified_therapist
from therapists.agreement import Agreement, agreements, in_force, last_day_under
from therapists.check_models import AgreementSignature, PracticeCheck, PracticeCheckRecord
from therapists.check_records import CheckSeen, months_later, record_seen
from therapists.own_checks import own_checks
from therapists.profile import own_profile
from therapists.required_checks import demanded, holds, lacking, may_see_minors, state_of
from therapists.sign_agreement import AgreementChanged, sign_agreement
from therapists.standing import CheckFacts, Standing
from therapists.verification import SelfApproval

NOW = datetime(2026, 11, 22, 15, tzinfo=UTC)
HELD = {each.kind: each for each in check_facts(NOW, ALL, until=date(2026, 12, 1))}


def standing(checks: tuple[CheckFacts, ...] = tuple(HELD.values())) -> Standing:
    return Standing(1, (), barred=False, units=frozenset(), age_bands=frozenset(), country="GB", checks=checks)


def test_everybody_needs_four_checks_and_who_sees_minors_one_more() -> None:
    countries = sorted({place.country for place in vocabulary().jurisdictions.values()})
    for country in countries:
        assert [kind.slug for kind in demanded(country)] == list(OF_EVERYBODY)
        assert [kind.slug for kind in demanded(country, minors=True)][-1] == "child_protection"
    assert "DBS" in vocabulary().checks.rule("child_protection", "GB").body  # type: ignore[union-attr]
    assert "Garda" in vocabulary().checks.rule("child_protection", "IE").body  # type: ignore[union-attr]
    assert "LEIE" in vocabulary().checks.rule("sanctions", "US").body  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["identity", "insurance", "supervision", "child_protection"])
def test_a_document_ends_with_its_last_day_where_it_was_recorded(kind: str) -> None:
    last_second = datetime(2026, 12, 1, 23, 59, 59, tzinfo=UTC)
    assert holds(HELD[kind], last_second, now=last_second)
    assert not holds(HELD[kind], last_second + timedelta(seconds=1), now=NOW), "a session after it"
    assert not holds(HELD[kind], NOW, now=last_second + timedelta(seconds=1))
    sydney = replace(HELD[kind], zone="Australia/Sydney")
    assert not holds(sydney, datetime(2026, 12, 1, 13, tzinfo=UTC), now=NOW)
    assert holds(sydney, datetime(2026, 12, 1, 12, 59, tzinfo=UTC), now=NOW)


def test_a_late_screen_of_ours_turns_new_clients_away_first() -> None:
    def answers(days: int) -> tuple[bool, bool, str]:
        at = NOW + timedelta(days=days)
        check = HELD["sanctions"]
        return holds(check, at, now=at), holds(check, at, now=at, new_client=False), state_of(check, now=at)

    assert [answers(days) for days in (31, 45, 46, 76, 77)] == [
        (True, True, "valid"),
        (True, True, "overdue"),
        (False, True, "overdue"),
        (False, True, "overdue"),
        (False, False, "overdue"),
    ]


def test_a_signature_ends_with_the_grace_of_the_next_version() -> None:
    first = Agreement("a", date(2026, 1, 1), date(2026, 1, 1), draft=True, title="One", paragraphs=("Words.",))
    second = Agreement("b", date(2026, 12, 1), date(2026, 12, 31), draft=True, title="Two", paragraphs=("Words.",))
    versions = (first, second)
    assert [in_force(versions, day).version for day in (date(2026, 11, 30), date(2026, 12, 1))] == ["a", "b"]
    assert (last_day_under(versions, "a"), last_day_under(versions, "b"), last_day_under((first,), "a")) == (date(2026, 12, 31), None, None)
    assert first.digest != second.digest


def test_a_signature_under_words_that_we_do_not_know_holds_nothing() -> None:
    assert not holds(replace(HELD["agreement"], version="of old"), NOW, now=NOW)
    assert state_of(replace(HELD["agreement"], version="of old"), now=NOW) == "missing"


@given(st.sets(st.sampled_from(ALL)), st.sampled_from(ALL), st.integers(0, 400))
def test_taking_a_check_away_never_makes_anything_hold(kinds: set[str], less: str, days: int) -> None:
    at = NOW + timedelta(days=days)
    more, fewer = (standing(tuple(HELD[kind] for kind in sorted(each))) for each in (kinds, kinds - {less}))
    assert set(lacking(more, at, now=at)) <= set(lacking(fewer, at, now=at))
    assert may_see_minors(more, at, now=at) or not may_see_minors(fewer, at, now=at)


SEEN = CheckSeen("insurance", "passed", "document_seen", "Example Mutual", valid_until=date(2027, 10, 31), reference="Policy 77")


def test_a_look_is_recorded_by_somebody_else_sealed_and_never_changed(database: None, clock: FixedClock) -> None:
    with transaction():
        therapist, verifier = an_unverified_therapist(), a_person().id
        with pytest.raises(SelfApproval):
            record_seen(therapist.public_id, SEEN, by=therapist.person_id, now=now())
        first = record_seen(therapist.public_id, SEEN, by=verifier, now=now())
        assert (first.passed, first.valid_until, first.zone) == (True, date(2027, 10, 31), "Europe/London")
        record_seen(therapist.public_id, replace(SEEN, result="failed", reason="issuer_denies", valid_until=None), by=verifier, now=now())
        records = db.session.scalars(select(PracticeCheckRecord).order_by(PracticeCheckRecord.id)).all()
        assert [(record.result, record.checked_by, record.body, record.reference) for record in records] == [
            ("passed", verifier, "Example Mutual", "Policy 77"),
            ("failed", verifier, "Example Mutual", "Policy 77"),
        ]
        assert b"Policy" not in (records[0].reference_sealed or b"")
        assert db.session.scalars(select(PracticeCheck)).one().passed is False, "the latest one counts"
        entries = db.session.scalars(select(AuditEntry).where(AuditEntry.action == "therapists.check_recorded")).all()
        assert [(entry.actor_person_id, entry.reason) for entry in entries] == [(verifier, "document_seen"), (verifier, "issuer_denies")]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"valid_until": None}, "valid_until"),
        ({"valid_until": date(2026, 11, 21)}, "valid_until"),
        ({"valid_until": date(2028, 5, 23)}, "valid_until"),
        ({"kind": "sanctions"}, "valid_until"),
        ({"kind": "agreement", "valid_until": None}, "kind"),
        ({"reason": "issuer_denies"}, "reason"),
        ({"checked_at": datetime(2026, 11, 23, tzinfo=UTC)}, "checked_at"),
    ],
)
def test_an_incomplete_look_is_refused(database: None, change: dict[str, object], field: str) -> None:
    with transaction():
        therapist, verifier = an_unverified_therapist(), a_person().id
        with pytest.raises(Invalid) as refusal:
            record_seen(therapist.public_id, replace(SEEN, **change), by=verifier, now=now())  # type: ignore[arg-type]
    assert list(refusal.value.errors or {}) == [field]


def test_months_end_where_the_month_ends() -> None:
    assert [months_later(date(2026, 8, 31), months) for months in (1, 6, 18)] == [date(2026, 9, 30), date(2027, 2, 28), date(2028, 2, 29)]


def test_the_agreement_is_signed_by_the_therapist_in_the_words_they_read(database: None) -> None:
    words = agreements()[-1]
    with transaction():
        therapist = an_unverified_therapist()
        for version, digest in ((words.version, "0" * 64), ("of old", words.digest)):
            with pytest.raises(AgreementChanged):
                sign_agreement(therapist.person_id, version=version, digest=digest, now=now())
        for _ in range(2):
            sign_agreement(therapist.person_id, version=words.version, digest=words.digest, now=now())
        signed = db.session.scalars(select(AgreementSignature)).one()
        assert (signed.version, signed.digest, signed.signed_at) == (words.version, words.digest, now())
        assert {each.kind.slug: each.state for each in own_checks(own_profile(therapist.person_id), now=now())}["agreement"] == "valid"


def test_a_therapist_sees_where_they_stand_and_offers_proof(client: Callable[[], Browser]) -> None:
    with transaction():
        a_therapist(email="ash@example.org", age_bands=["adult", "age_13_17"])
        an_account(email="vera@example.org", roles=("verifier",))
    browser, verifier = client(), client()
    browser.sign_in("ash@example.org", PASSWORD)
    verifier.sign_in("vera@example.org", PASSWORD)
    told = browser.get("/api/v1/therapist/checks").json
    assert told["draft"] is True
    assert {each["kind"]: (each["state"], each["closes"]) for each in told["items"]} == {
        **dict.fromkeys(OF_EVERYBODY, ("valid", "everything")),
        "supervision": ("valid", "supervised_entries"),
        "child_protection": ("missing", "minors"),
    }
    assert [each["kind"] for each in told["items"] if each["next_step"]] == ["child_protection"]
    path = "/api/v1/therapist/checks/child_protection/offer"
    assert browser.post(path).json["state"] == "missing"
    assert browser.post(path).json["code"] == "offered_already"
    assert [browser.post(f"/api/v1/therapist/checks/{kind}/offer").status_code for kind in ("sanctions", "nothing")] == [404, 404]
    assert verifier.get("/api/v1/desk/cases").status_code in (200, 404)
    page = browser.get("/api/v1/therapist/profile").json
    seen = {"kind": "child_protection", "result": "passed", "reason": "issuer_confirms", "body": "DBS", "valid_until": "2029-11-22"}
    recorded = verifier.post(f"/api/v1/verification/therapists/{page['id']}/checks", json=seen)
    assert (recorded.status_code, recorded.json["state"], len(recorded.json["records"])) == (201, "valid", 1), recorded.text
    assert verifier.get(f"/api/v1/verification/checks/{recorded.json['id']}").json == recorded.json
    assert browser.post(f"/api/v1/verification/therapists/{page['id']}/checks", json=seen).status_code == 403
    assert browser.get("/api/v1/therapist/profile").json["works_with_minors_checked"] is True
