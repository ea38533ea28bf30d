"""Mailed links work once, for a time, and only the newest."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from accounts.links import LinkExpired, LinkReplaced, LinkUnknown, LinkUsed, issue_link, redeem_link
from accounts.models import MailLink
from core.clock import FixedClock
from core.db import db, transaction
from core.errors import DomainError, Gone
from tests.factories.accounts import a_person

HOUR = timedelta(hours=1)


@pytest.fixture
def person_id(database: None) -> int:
    with transaction():
        return a_person().id


def issue(person_id: int, clock: FixedClock, purpose: str = "sample") -> str:
    with transaction():
        return issue_link(purpose, person_id, lifetime=HOUR, now=clock.now(), subject={"thing": 7})


def redeem(secret: str, clock: FixedClock, purpose: str = "sample") -> MailLink:
    with transaction():
        return redeem_link(purpose, secret, now=clock.now())


def refusal(secret: str, clock: FixedClock, purpose: str = "sample") -> type[DomainError]:
    with pytest.raises(Gone) as caught:
        redeem(secret, clock, purpose)
    return caught.type


def test_a_link_gives_what_it_was_issued_for(person_id: int, clock: FixedClock) -> None:
    link = redeem(issue(person_id, clock), clock)
    assert (link.person_id, link.subject, link.used_at) == (person_id, {"thing": 7}, clock.now())


def test_R61_a_link_works_once(person_id: int, clock: FixedClock) -> None:
    secret = issue(person_id, clock)
    redeem(secret, clock)
    assert refusal(secret, clock) is LinkUsed


def test_R61_a_newer_link_replaces_the_older_of_its_purpose_and_person(person_id: int, clock: FixedClock) -> None:
    with transaction():
        other_person = a_person().id
    kept_purpose, kept_person = issue(person_id, clock, "other"), issue(other_person, clock)
    old, new = issue(person_id, clock), issue(person_id, clock)
    assert refusal(old, clock) is LinkReplaced
    redeem(new, clock)
    redeem(kept_purpose, clock, "other")
    redeem(kept_person, clock)


def test_a_link_ends_with_its_lifetime(person_id: int, clock: FixedClock) -> None:
    secret = issue(person_id, clock)
    clock.advance(seconds=3600)
    assert refusal(secret, clock) is LinkExpired
    clock.advance(seconds=-1)
    redeem(secret, clock)


def test_a_link_opens_only_its_purpose(person_id: int, clock: FixedClock) -> None:
    secret = issue(person_id, clock)
    assert refusal(secret, clock, "other") is LinkUnknown
    assert refusal("", clock) is LinkUnknown
    assert refusal(secret[:-1], clock) is LinkUnknown


def test_a_refusal_later_in_the_transaction_gives_the_link_back(person_id: int, clock: FixedClock) -> None:
    secret = issue(person_id, clock)
    with pytest.raises(ZeroDivisionError), transaction():
        redeem_link("sample", secret, now=clock.now())
        raise ZeroDivisionError
    redeem(secret, clock)


def test_the_secret_is_256_bits_and_only_its_digest_is_kept(person_id: int, clock: FixedClock) -> None:
    secrets = {issue(person_id, clock) for _ in range(20)}
    assert len(secrets) == 20
    assert all(len(secret) == 43 for secret in secrets)  # 32 bytes in base64
    rows = str(db.session.execute(text("SELECT string_agg(mail_links::text, ' ') FROM mail_links")).scalar_one())
    digests = b"".join(db.session.execute(select(MailLink.digest)).scalars())
    assert not any(secret in rows or secret.encode().hex() in rows or secret.encode() in digests for secret in secrets)
