"""transaction(), jobs inside it, the audit role, sealed columns: on the real engine."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from accounts.models import Person
from core import audit, clock, crypto, jobs
from core.clock import FixedClock
from core.db import after_refusal, db, require_no_transaction, transaction

pytestmark = pytest.mark.usefixtures("database")
done: list[int] = []


@jobs.job("tests.remember")
def remember(number: int) -> None:
    done.append(number)


def waiting() -> int:
    return db.session.execute(text("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'tests.remember'")).scalar_one()


def test_a_commit_leaves_exactly_one_job() -> None:
    with transaction():
        remember.enqueue(number=1)
    assert waiting() == 1


def test_a_rollback_leaves_no_job() -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        remember.enqueue(number=1)
        raise ZeroDivisionError
    assert waiting() == 0


def test_due_jobs_run_and_later_ones_wait(run_jobs: Callable[[], list[str]], clock: FixedClock) -> None:
    done.clear()
    with transaction():
        remember.enqueue_at(clock.now().replace(hour=18), number=2)
        remember.enqueue(number=1)
    run_jobs()
    assert done == [1]
    clock.advance(hours=3)
    run_jobs()
    assert done == [1, 2]


def test_what_must_survive_a_refusal_is_written_after_it(clock: FixedClock) -> None:
    with pytest.raises(ZeroDivisionError), transaction():
        audit.record("tests.kept_not", subject=("thing", 1))
        after_refusal(lambda: audit.record("tests.kept", subject=("thing", 1)))
        raise ZeroDivisionError
    assert db.session.execute(text("SELECT array_agg(action) FROM audit_entries")).scalar_one() == ["tests.kept"]


def test_what_would_survive_a_refusal_is_forgotten_on_success() -> None:
    with transaction():
        after_refusal(lambda: audit.record("tests.kept", subject=("thing", 1)))
    assert db.session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one() == 0


def test_transactions_do_not_nest() -> None:
    with transaction(), pytest.raises(RuntimeError, match="do not nest"), transaction():
        pass


def test_a_call_to_the_outside_is_refused_inside_a_transaction() -> None:
    require_no_transaction()
    with transaction(), pytest.raises(RuntimeError, match="outside"):
        require_no_transaction()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entries SET action = 'x'",
        "DELETE FROM audit_entries",
        "TRUNCATE audit_entries",
        "UPDATE consents SET text_version = 'x'",
        "UPDATE consents SET given_at = now()",
        "UPDATE consents SET person_id = 1",
        "DELETE FROM consents",
        "UPDATE verification_records SET decision = 'active'",
        "DELETE FROM verification_records",
        "UPDATE training_records SET confirmed = true",
        "UPDATE booking_events SET to_state = 'x'",
        "UPDATE case_steps SET action = 'x'",
        "DELETE FROM case_steps",
        "UPDATE alembic_version SET version_num = 'x'",
        "CREATE TABLE mine (id int)",
        "DROP TABLE consents",
        "ALTER TABLE claims DROP CONSTRAINT ex_claims_nobody_is_in_two_places",
        "SET ROLE attune_owner",
    ],
)
def test_R75_the_application_cannot_change_what_is_only_ever_added(statement: str) -> None:
    with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction():
        db.session.execute(text(statement))


def test_a_read_only_transaction_cannot_write() -> None:
    with pytest.raises(Exception, match="read-only"), transaction(read_only=True):
        db.session.execute(text("INSERT INTO throttles (key, window_starts_at) VALUES ('x', now())"))


def test_a_sealed_value_is_bound_to_its_row(clock: FixedClock) -> None:
    first, second = Person(name="Zoë", created_at=clock.now()), Person(name="Ann", created_at=clock.now())
    with transaction():
        db.session.add_all([first, second])
    assert first.name == "Zoë"
    assert b"Zo" not in (first.name_sealed or b"")
    second.name_sealed = first.name_sealed
    with pytest.raises(crypto.CannotOpen):
        _ = second.name


def test_the_database_clock_is_read_once_a_transaction(app: Flask) -> None:
    token = clock._replacement.set(None)
    try:
        with transaction():
            first = clock.now()
            assert first.tzinfo is not None
            assert clock.now() is first
    finally:
        clock._replacement.reset(token)


def test_a_naive_datetime_is_refused(clock: FixedClock) -> None:
    with pytest.raises(Exception, match="names no instant"), transaction():
        db.session.add(Person(public_id=uuid.uuid4(), created_at=clock.now().replace(tzinfo=None)))
