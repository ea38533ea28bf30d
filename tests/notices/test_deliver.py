"""Delivery: at least once, not twice where the server answered, and never with a transaction open."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from core.clock import FixedClock
from core.db import db, require_no_transaction, transaction
from notices.deliver import KEPT, LEASE, BeingDelivered, DeliveryFailed, deliver, forget_letters
from notices.models import Notice
from notices.outbox import Recipient, send
from notices.refused import Refused
from tests.fakes.outbox import Outbox


@pytest.fixture
def notice_id(clock: FixedClock, database: None) -> int:
    facts = {"page": "p", "token": "t", "hours": 48}
    with transaction():
        return send(Recipient("robin@example.org"), kind="sample", template="accounts/confirm_address", facts=facts, once="x", now=clock.now()).id


def state_of(notice_id: int) -> tuple[str, str | None, int]:
    db.session.expire_all()
    notice = db.session.execute(select(Notice).where(Notice.id == notice_id)).scalar_one()
    state = (notice.state, notice.last_failure, notice.attempts)
    db.session.rollback()
    return state


def test_the_port_is_called_with_no_transaction_open(notice_id: int, outbox: Outbox) -> None:
    outbox.on_send = require_no_transaction
    deliver.run(notice_id=notice_id)
    assert len(outbox.sent) == 1
    with pytest.raises(RuntimeError, match="inside a transaction"), transaction():
        outbox.send(outbox.sent[0], to="robin@example.org")


def test_a_delivered_notice_is_not_sent_again(notice_id: int, outbox: Outbox) -> None:
    deliver.run(notice_id=notice_id)
    deliver.run(notice_id=notice_id)
    assert len(outbox.sent) == 1
    assert state_of(notice_id) == ("sent", None, 1)


def test_a_server_that_is_down_is_asked_again_with_the_same_message_id(notice_id: int, outbox: Outbox) -> None:
    outbox.failures = [ConnectionRefusedError()]
    with pytest.raises(DeliveryFailed):
        deliver.run(notice_id=notice_id)
    assert state_of(notice_id) == ("waiting", "ConnectionRefusedError", 1)
    deliver.run(notice_id=notice_id)
    assert state_of(notice_id) == ("sent", None, 2)
    assert len(outbox.sent) == 1


def test_a_refusal_for_good_ends_it(notice_id: int, outbox: Outbox) -> None:
    outbox.failures = [Refused("smtp_550")]
    deliver.run(notice_id=notice_id)
    deliver.run(notice_id=notice_id)
    assert outbox.sent == []
    assert state_of(notice_id) == ("refused", "smtp_550", 1)


def test_a_second_worker_stays_out_while_the_first_is_speaking(notice_id: int, outbox: Outbox) -> None:
    seen: list[type[BaseException]] = []

    def another_worker() -> None:
        outbox.on_send = lambda: None
        with pytest.raises(DeliveryFailed) as caught:
            deliver.run(notice_id=notice_id)
        seen.append(caught.type)

    outbox.on_send = another_worker
    deliver.run(notice_id=notice_id)
    assert seen == [BeingDelivered]
    assert len(outbox.sent) == 1


def test_D24_a_worker_that_died_before_the_mail_left_is_replaced_and_it_is_sent_once(notice_id: int, outbox: Outbox, clock: FixedClock) -> None:
    def die() -> None:
        raise KeyboardInterrupt

    outbox.on_send = die
    with pytest.raises(KeyboardInterrupt):
        deliver.run(notice_id=notice_id)
    outbox.on_send = lambda: None
    with pytest.raises(BeingDelivered):
        deliver.run(notice_id=notice_id)
    clock.advance(seconds=LEASE.total_seconds())
    deliver.run(notice_id=notice_id)
    assert len(outbox.sent) == 1


def test_a_notice_that_is_gone_is_nobodys_failure(database: None, outbox: Outbox, run_jobs: Callable[[], list[str]]) -> None:
    deliver.run(notice_id=999_999)
    assert outbox.sent == []


def test_what_a_letter_said_goes_after_a_month_and_one_that_waits_stays(notice_id: int, outbox: Outbox, clock: FixedClock) -> None:
    deliver.run(notice_id=notice_id)
    with transaction():
        waiting = send(Recipient("kim@example.org"), kind="sample", template="accounts/address_in_use", facts={}, once="y", now=clock.now()).id
    clock.advance(seconds=KEPT.total_seconds())
    forget_letters.run()
    assert db.session.execute(select(Notice.letter_sealed.is_not(None)).order_by(Notice.id)).scalars().all() == [True, True]
    db.session.rollback()
    clock.advance(seconds=1)
    forget_letters.run()
    kept = db.session.execute(select(Notice.id, Notice.state, Notice.letter_sealed.is_not(None)).order_by(Notice.id)).all()
    assert [tuple(row) for row in kept] == [(notice_id, "sent", False), (waiting, "waiting", True)]
    db.session.rollback()
