"""The database has the last word: what it refuses on the migrated schema, whoever writes, and how the write path answers for it."""

from datetime import timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from booking.models import Booking, Claim
from booking.openings.intervals import overlap
from core.clock import FixedClock
from core.db import db, savepoint, sqlstate_of, transaction
from tests.booking.conftest import MONDAY_NINE, Practice, a_practice, overlaps, states
from tests.booking.practice import utc

NINE = utc("2026-11-30T09:00")
REFUSED = "23P01"
INSERT = text("""INSERT INTO claims (booking_id, role, person_id, blocks_from, blocks_to, blocks)
                 VALUES (:booking, 'client', :person, :start, :end, :blocks)""")


def claim(booking_id: int, person_id: int, start: int, end: int, *, blocks: bool = True) -> str | None:
    """SQLSTATE of the refusal when a claim from `start` to `end` minutes after nine is written past everything; None when it was taken."""
    row = {"booking": booking_id, "person": person_id, "start": NINE + timedelta(minutes=start), "end": NINE + timedelta(minutes=end), "blocks": blocks}
    try:
        with savepoint():
            db.session.execute(INSERT, row)
    except DBAPIError as error:
        return sqlstate_of(error)
    return None


@pytest.fixture
def bookings(practice: Practice) -> list[int]:
    """Bookings to hang claims on; each takes one claim of one person."""
    for hour in range(9, 15):
        assert practice.book(f"2026-11-24T{hour:02}:00:00Z").status_code == 201
    with transaction():
        found = list(db.session.execute(select(Booking.id).order_by(Booking.id)).scalars())
        db.session.execute(text("DELETE FROM claims"))
    return found


def test_a_second_blocking_claim_of_one_person_is_refused_exactly_when_it_overlaps(practice: Practice, bookings: list[int]):
    @settings(max_examples=60, deadline=None)
    @given(st.tuples(st.integers(0, 60), st.integers(1, 60)), st.tuples(st.integers(0, 60), st.integers(1, 60)))
    def check(one: tuple[int, int], two: tuple[int, int]) -> None:
        first, second = (one[0], one[0] + one[1]), (two[0], two[0] + two[1])
        with transaction():
            db.session.execute(text("DELETE FROM claims"))
            assert claim(bookings[0], practice.client_id, *first) is None
            assert claim(bookings[1], practice.client_id, *second) == (REFUSED if overlap(first, second) else None)
            assert claim(bookings[2], practice.therapist_id, *second) is None  # somebody else's time
            assert claim(bookings[3], practice.client_id, *first, blocks=False) is None  # takes no time

    check()


def test_claims_of_nobody_claims_that_end_before_they_start_and_endless_ones_are_refused(practice: Practice, bookings: list[int]):
    with transaction():
        assert claim(bookings[0], None, 0, 10) == "23502"  # type: ignore[arg-type]
        assert claim(bookings[0], practice.client_id, 10, 10) == "23514"
        assert claim(bookings[0], practice.client_id, 10, 5) == "23514"
        assert claim(bookings[0], practice.client_id, 0, 36 * 60 + 1) == "23514"
        assert claim(bookings[0], practice.client_id, 0, 36 * 60) is None


def test_a_claim_that_begins_to_block_is_refused_like_a_new_one(practice: Practice, bookings: list[int]):
    with transaction():
        assert claim(bookings[0], practice.client_id, 0, 50) is None
        assert claim(bookings[1], practice.client_id, 30, 80, blocks=False) is None
        with pytest.raises(DBAPIError) as refusal, savepoint():
            db.session.execute(text("UPDATE claims SET blocks = true WHERE booking_id = :id"), {"id": bookings[1]})
        assert sqlstate_of(refusal.value) == REFUSED


def test_what_the_rules_overlook_the_constraint_refuses_and_the_answer_is_the_same(practice: Practice):
    """A claim that says it lapsed long ago and still blocks: reads pass over it, its booking is not one that lapses, the database does not care."""
    assert practice.book().status_code == 201
    with transaction():
        db.session.execute(Claim.__table__.update().values(lapses_at=utc("2026-11-20T00:00")))
    assert MONDAY_NINE in practice.openings()
    answer = practice.book(by=practice.another_client())
    assert (answer.status_code, answer.get_json()["code"]) == (409, "taken")
    assert answer.get_json()["openings"]
    assert states() == ["confirmed"]
    assert overlaps() == 0


MANY_BOOKINGS = """INSERT INTO bookings (public_id, calendar_uid, {columns})
    SELECT gen_random_uuid(), gen_random_uuid()::text, {columns} FROM bookings, generate_series(1, 2000)"""
ONE_AFTER_THE_OTHER = """INSERT INTO claims (booking_id, role, person_id, blocks_from, blocks_to, blocks)
    SELECT id, 'client', :client, at, at + interval '50 minutes', true
    FROM (SELECT id, timestamptz '2027-01-01 00:00Z' + row_number() OVER () * interval '1 hour' AS at FROM bookings) AS later
    ON CONFLICT (booking_id, person_id) DO NOTHING"""


def test_availability_is_read_through_the_index_made_for_it(committed_app: Flask, clock: FixedClock):
    """On enough rows, with the statistics that only an owner may gather, that no plan is as good as any other."""
    columns = ", ".join(column.name for column in Booking.__table__.columns if column.name not in ("id", "public_id", "calendar_uid"))
    owner = create_engine(committed_app.config["MIGRATION_DATABASE_URL"], poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with committed_app.app_context():
        practice = a_practice(committed_app.test_client)
        assert practice.book().status_code == 201
        with transaction():
            db.session.execute(text(MANY_BOOKINGS.format(columns=columns)))
            db.session.execute(text(ONE_AFTER_THE_OTHER), {"client": practice.client_id})
        with owner.connect() as connection:
            connection.execute(text("VACUUM ANALYZE claims"))
        with transaction():
            db.session.execute(text("SET LOCAL enable_seqscan = off"))
            plan = "\n".join(
                db.session.execute(
                    text("""EXPLAIN SELECT person_id, blocks_from, blocks_to FROM claims WHERE person_id IN (:one, :two) AND blocks
                            AND blocks_from >= '2026-11-20T00:00Z' AND blocks_from < '2026-12-20T00:00Z'"""),
                    {"one": practice.therapist_id, "two": practice.client_id},
                ).scalars()
            )
    assert "ix_claims_person_id_blocks_from" in plan
