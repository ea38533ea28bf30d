"""Counts that survive a rollback, and waits that grow."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from accounts.models import Throttle
from accounts.throttle import FREE_TRIES, LONGEST_WAIT, MOST_TRIES, TriesUsedUp, begin_try, count_attempt, forget_tries, origin_of, pause_after
from core.clock import FixedClock
from core.db import db, transaction
from core.errors import DomainError, TooMany

MINUTE = timedelta(minutes=1)


def attempt(clock: FixedClock, key: str = "k", limit: int = 3) -> None:
    with transaction():
        count_attempt(key, limit=limit, window=MINUTE, now=clock.now())


def test_the_attempt_over_the_limit_is_told_how_long_to_wait(database: None, clock: FixedClock) -> None:
    for _ in range(3):
        attempt(clock)
    clock.advance(seconds=20)
    with pytest.raises(TooMany) as caught:
        attempt(clock)
    assert caught.value.retry_after == 40
    clock.advance(seconds=40)
    attempt(clock)


def test_an_attempt_counts_although_its_transaction_is_refused(database: None, clock: FixedClock) -> None:
    for _ in range(3):
        with pytest.raises(DomainError), transaction():
            count_attempt("k", limit=3, window=MINUTE, now=clock.now())
            raise DomainError
    with pytest.raises(TooMany):
        attempt(clock)


def test_keys_do_not_share_a_count(database: None, clock: FixedClock) -> None:
    for key in ("a", "b", "c"):
        attempt(clock, key, limit=1)


def test_the_key_is_not_readable_at_rest(database: None, clock: FixedClock) -> None:
    attempt(clock, "mail_to:robin@example.org")
    row = db.session.execute(text("SELECT throttles::text FROM throttles")).scalar_one()
    assert "robin" not in row
    assert b"robin".hex() not in row


@given(st.integers(0, 10_000))
def test_the_pause_grows_and_has_an_end(failures: int) -> None:
    assert timedelta(0) <= pause_after(failures) <= pause_after(failures + 1) <= LONGEST_WAIT


def test_the_first_tries_need_no_pause_and_then_it_doubles(database: None, clock: FixedClock) -> None:
    for _ in range(FREE_TRIES):
        with transaction():
            begin_try("k", now=clock.now())
    waits = []
    for _ in range(5):
        with pytest.raises(TooMany) as caught, transaction():
            begin_try("k", now=clock.now())
        waits.append(caught.value.retry_after)
        clock.advance(seconds=caught.value.retry_after or 0)
        with transaction():
            begin_try("k", now=clock.now())
    assert waits == [1, 2, 4, 8, 16]


def test_a_refused_try_does_not_make_the_wait_longer(database: None, clock: FixedClock) -> None:
    for _ in range(FREE_TRIES):
        with transaction():
            begin_try("k", now=clock.now())
    for _ in range(50):
        with pytest.raises(TooMany), transaction():
            begin_try("k", now=clock.now())
    clock.advance(seconds=1)
    with transaction():
        begin_try("k", now=clock.now())


def test_no_key_is_tried_more_than_a_hundred_times_in_a_row(database: None, clock: FixedClock) -> None:
    for _ in range(MOST_TRIES):
        with transaction():
            begin_try("k", now=clock.now())
        clock.advance(seconds=LONGEST_WAIT.total_seconds())
    with pytest.raises(TriesUsedUp), transaction():
        begin_try("k", now=clock.now())
    with transaction():
        forget_tries("k")
    with transaction():
        begin_try("k", now=clock.now())
    db.session.expire_all()
    assert db.session.execute(select(Throttle.attempts)).scalar_one() == 1


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.9", "203.0.113.9"),
        (None, "unknown"),
        ("unix:", "unknown"),
    ],
)
def test_an_origin_is_an_ipv4_address_or_an_ipv6_network(address: str | None, origin: str) -> None:
    assert origin_of(address) == origin
