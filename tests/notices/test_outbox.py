"""`send`: sealed, once, and gone with the transaction that asked for it."""

from collections.abc import Callable

import pytest
from sqlalchemy import select, text

from core.clock import FixedClock
from core.db import db, transaction
from notices.models import Notice
from notices.outbox import Recipient, send
from tests.fakes.outbox import Outbox, text_of

TO = Recipient("robin@example.org", "en", "Europe/London")
CANARY = "confirm-canary-token"


def send_one(clock: FixedClock, *, once: str = "one", to: Recipient = TO, token: str = CANARY) -> Notice:
    facts = {"page": "p", "token": token, "hours": 48}
    return send(to, kind="sample", template="accounts/confirm_address", facts=facts, once=once, now=clock.now(), person_id=7)


def test_a_notice_is_delivered_by_a_job(clock: FixedClock, run_jobs: Callable[[], list[str]], outbox: Outbox) -> None:
    with transaction():
        notice = send_one(clock)
    assert outbox.sent == []
    assert run_jobs() == ["notices.deliver"]
    (message,) = outbox.to("robin@example.org")
    assert CANARY in text_of(message)
    assert message["Message-ID"] == notice.message_id
    assert message["Message-ID"] == f"<{notice.public_id}@attune.example>"
    sent = db.session.execute(select(Notice)).scalar_one()
    assert (sent.state, sent.sent_at, sent.attempts) == ("sent", clock.now(), 1)


def test_a_rollback_leaves_neither_notice_nor_job(clock: FixedClock, run_jobs: Callable[[], list[str]], outbox: Outbox) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        send_one(clock)
        raise ZeroDivisionError
    assert run_jobs() == []
    assert outbox.sent == []
    assert db.session.execute(select(Notice)).all() == []


def test_the_same_key_to_the_same_address_is_one_notice(clock: FixedClock, run_jobs: Callable[[], list[str]], outbox: Outbox) -> None:
    with transaction():
        first = send_one(clock).id
        assert send_one(clock, token="other").id == first
    with transaction():
        assert send_one(clock).id == first
        assert send_one(clock, to=Recipient("ROBIN@example.org")).id == first
    run_jobs()
    with transaction():
        assert send_one(clock).id == first
    assert run_jobs() == []
    assert len(outbox.sent) == 1


def test_another_key_or_address_is_another_notice(clock: FixedClock, run_jobs: Callable[[], list[str]], outbox: Outbox) -> None:
    with transaction():
        ids = {send_one(clock).id, send_one(clock, once="two").id, send_one(clock, to=Recipient("sam@example.org")).id}
    run_jobs()
    assert len(ids) == 3
    assert len({message["Message-ID"] for message in outbox.sent}) == 3


def test_letter_and_address_are_sealed_at_rest(clock: FixedClock, database: None) -> None:
    with transaction():
        notice = send_one(clock)
    row = str(db.session.execute(text("SELECT notices::text FROM notices WHERE id = :id"), {"id": notice.id}).scalar_one())
    sealed = bytes(notice.letter_sealed or b"")
    for secret in (CANARY, "robin@example.org", "confirm your address"):
        assert secret not in row
        assert secret.encode().hex() not in row
        assert secret.encode() not in sealed
