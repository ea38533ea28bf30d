"""The consent ledger."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from accounts import consent
from accounts.consent import (
    ConsentRequired,
    consent_texts,
    consents_of,
    current_text,
    give_consent,
    has_consent,
    move_consents,
    require_consent,
    when_withdrawn,
    withdraw_consent,
)
from core.clock import FixedClock
from core.db import transaction
from core.errors import Invalid, NotFound
from tests.browser import Browser
from tests.factories.accounts import PASSWORD, a_person, an_account

PURPOSES = {"matching", "share_with_therapist", "contact_by_mail", "terms", "privacy"}
NEVER = ("vetted", "best", "perfect match", "expert-approved", "guaranteed")


@pytest.fixture
def person_id(database: None) -> int:
    with transaction():
        return a_person().id


@pytest.fixture
def two_versions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"version": version, "since": "2026-01-01", "title": "t", "text": "x"} for version in ("1", "2")]
    (tmp_path / "texts.json").write_text(json.dumps({"matching": rows, "terms": rows}))
    monkeypatch.setattr(consent, "TEXTS", tmp_path / "texts.json")
    monkeypatch.setattr(consent, "consent_texts", consent_texts.__wrapped__)


def give(person_id: int, clock: FixedClock, version: str | None = None, purpose: str = "matching") -> None:
    with transaction():
        give_consent(person_id, purpose, text_version=version or current_text(purpose).version, now=clock.now())


def ledger(person_id: int) -> list[tuple[str, str, str | None]]:
    with transaction():
        return [(row.purpose, row.text_version, row.end_reason) for row in consents_of(person_id)]


def test_every_purpose_has_a_text_in_plain_words() -> None:
    assert set(consent_texts()) >= PURPOSES
    for versions in consent_texts().values():
        assert len({text.version for text in versions}) == len(versions)
        assert [text.since for text in versions] == sorted(text.since for text in versions)
        for text in versions:
            assert not any(word in f"{text.title} {text.text}".lower() for word in NEVER)


def test_a_consent_holds_for_its_purpose_and_no_other(person_id: int, clock: FixedClock) -> None:
    give(person_id, clock)
    assert has_consent(person_id, "matching")
    assert not has_consent(person_id, "share_with_therapist")
    with pytest.raises(ConsentRequired) as caught:
        require_consent(person_id, "share_with_therapist")
    assert caught.value.extra == {"purpose": "share_with_therapist", "text_version": current_text("share_with_therapist").version}
    require_consent(person_id, "matching")


def test_agreeing_twice_is_one_row(person_id: int, clock: FixedClock) -> None:
    give(person_id, clock)
    clock.advance(days=1)
    give(person_id, clock)
    assert len(ledger(person_id)) == 1


def test_withdrawal_ends_the_row_and_keeps_it(person_id: int, clock: FixedClock) -> None:
    give(person_id, clock)
    with transaction():
        withdraw_consent(person_id, "matching", now=clock.now())
    assert not has_consent(person_id, "matching")
    with pytest.raises(NotFound), transaction():
        withdraw_consent(person_id, "matching", now=clock.now())
    give(person_id, clock)  # in the same second
    version = current_text("matching").version
    assert ledger(person_id) == [("matching", version, None), ("matching", version, "withdrawn")]


def test_a_newer_text_ends_the_older_consent(person_id: int, clock: FixedClock, two_versions: None) -> None:
    give(person_id, clock, "1")
    clock.advance(days=1)
    give(person_id, clock, "2")
    assert ledger(person_id) == [("matching", "2", None), ("matching", "1", "newer_text")]


@pytest.mark.parametrize(("purpose", "version"), [("matching", "never"), ("matching", ""), ("everything", "1")])
def test_only_published_texts_can_be_agreed_to(person_id: int, clock: FixedClock, purpose: str, version: str) -> None:
    with pytest.raises(Invalid), transaction():
        give_consent(person_id, purpose, text_version=version, now=clock.now())


def test_a_guests_consents_are_restated_with_their_time_and_source(person_id: int, clock: FixedClock, two_versions: None) -> None:
    with transaction():
        account = a_person().id
    give(person_id, clock, "1")
    give(person_id, clock, "1", "terms")
    given = clock.now()
    clock.advance(hours=2)
    give(account, clock, "2", "terms")
    with transaction():
        move_consents(person_id, account, now=clock.now())
    assert ledger(person_id) == [("terms", "1", "restated"), ("matching", "1", "restated")]
    with transaction():
        moved = {row.purpose: row for row in consents_of(account)}
        source = {row.purpose: row.id for row in consents_of(person_id)}
    assert (moved["matching"].given_at, moved["matching"].restated_from) == (given, source["matching"])
    assert (moved["terms"].text_version, moved["terms"].restated_from) == ("2", None)


def test_those_who_use_the_data_are_told_in_the_same_transaction(person_id: int, clock: FixedClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consent, "_listeners", [])
    told: list[tuple[int, str]] = []
    when_withdrawn(lambda person_id, purpose, now: told.append((person_id, purpose)))
    give(person_id, clock)
    with transaction():
        withdraw_consent(person_id, "matching", now=clock.now())
        assert told == [(person_id, "matching")]


def test_over_http_one_gives_lists_and_withdraws_ones_own(client: Callable[[], Browser]) -> None:
    with transaction():
        account, other = an_account(), an_account()
    browser, stranger = client(), client()
    browser.sign_in(account.email, PASSWORD)
    stranger.sign_in(other.email, PASSWORD)
    texts = {text["purpose"]: text for text in client().get("/api/v1/consent-texts").json["items"]}
    assert set(texts) >= PURPOSES
    body = {"purpose": "matching", "text_version": texts["matching"]["version"]}
    assert browser.post("/api/v1/consents", json=body).status_code == 201
    (row,) = browser.get("/api/v1/consents").json["items"]
    assert (row["purpose"], row["ended_at"]) == ("matching", None)
    assert stranger.get("/api/v1/consents").json["items"] == []
    assert stranger.delete("/api/v1/consents/matching").status_code == 404
    assert browser.delete("/api/v1/consents/matching").status_code == 204
    (row,) = browser.get("/api/v1/consents").json["items"]
    assert row["end_reason"] == "withdrawn"
    assert browser.post("/api/v1/consents", json={**body, "text_version": "never"}).status_code == 422
