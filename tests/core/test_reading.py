"""Transactions that begin with their first statement, and readings that the driver runs itself: on real transactions, and when the database hangs up."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from psycopg.pq import TransactionStatus
from sqlalchemy import ARRAY, BigInteger, any_, bindparam, event, func, literal_column, select, text, type_coerce
from sqlalchemy.exc import DBAPIError, OperationalError

from core import clock
from core.db import UtcInstant, db, driver_of, transaction
from core.reading import Reading, second_at
from tests.conftest import as_superuser

NUMBERS = func.unnest(bindparam("numbers", type_=ARRAY(BigInteger))).column_valued("number")
TWICE = Reading(select(NUMBERS, (NUMBERS * 2).label("twice"), second_at(func.now())).where(any_(bindparam("without", type_=ARRAY(BigInteger))) != NUMBERS))
BROKEN = Reading(select(literal_column("1 / 0")))


def test_a_transaction_begins_with_its_first_statement_and_hears_the_time(committed_app: Flask) -> None:
    with committed_app.app_context():
        for read_only in (True, False):
            with transaction(read_only=read_only):
                assert not db.session().in_transaction(), "whoever asks for nothing costs nothing"
                begun = clock.now()
                assert driver_of(db.session.connection()).info.transaction_status == TransactionStatus.INTRANS
                told = db.session.execute(text("SELECT now(), current_setting('transaction_read_only')")).one()
                assert told == (begun, "on" if read_only else "off")
                assert begun.tzinfo is UTC
                assert abs(datetime.now(UTC) - begun) < timedelta(seconds=30)
        with pytest.raises(DBAPIError, match="read-only"), transaction(read_only=True):
            db.session.execute(text("CREATE TEMPORARY TABLE kept (id int)"))
            db.session.execute(text("DELETE FROM throttles"))
        with transaction():
            assert db.session.execute(text("SELECT current_setting('transaction_read_only')")).scalar_one() == "off", "it was of that transaction alone"


def test_a_reading_is_a_statement_like_any_other(committed_app: Flask) -> None:
    heard: list[str] = []
    with committed_app.app_context():
        engine = db.engine
        event.listen(engine, "before_cursor_execute", lambda connection, cursor, statement, *rest: heard.append(statement))
        with transaction(read_only=True):
            rows = TWICE.rows({"numbers": [3, 4], "without": [4]})
            assert [(row.number, row.twice) for row in rows] == [(3, 6)]
            assert rows[0][2] == int(clock.now().timestamp())
            assert TWICE.rows({"numbers": [], "without": [4]}) == []
        assert len(heard) == 2
        with pytest.raises(DBAPIError, match="division by zero") as refused, transaction(read_only=True):
            BROKEN.rows({})
        assert refused.value.orig is not None
        with transaction(read_only=True):
            assert TWICE.rows({"numbers": [1], "without": [4]})[0].twice == 2, "the next transaction is a new one"


def test_a_refusal_does_not_make_the_connection_forget_what_it_has_prepared(committed_app: Flask) -> None:
    prepared = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%AS twice%'")
    given = {"numbers": [1], "without": [4]}
    with committed_app.app_context():
        for _ in range(6):
            with transaction():
                TWICE.rows(given)
        for refusal in (KeyError, DBAPIError):
            with pytest.raises(refusal), transaction():
                TWICE.rows(given)
                db.session.execute(text("INSERT INTO throttles (key, window_starts_at) VALUES ('refused', now())"))
                if refusal is KeyError:
                    raise KeyError
                BROKEN.rows({})
            with transaction():
                assert db.session.execute(prepared).scalar_one() == 1
                assert db.session.execute(text("SELECT count(*) FROM throttles")).scalar_one() == 0, "what was refused is undone"


def test_a_reading_tells_instants_in_utc_and_writes_lists_out(committed_app: Flask) -> None:
    at = type_coerce(func.now(), UtcInstant).label("at")
    now_among = Reading(select(at).where(bindparam("word").in_(["one", "two"])))
    with committed_app.app_context(), transaction(read_only=True):
        for zone in ("UTC", "America/New_York"):
            db.session.execute(text(f"SET LOCAL TimeZone = '{zone}'"))
            (row,) = now_among.rows({"word": "two"})
            assert row.at == clock.now()
            assert row.at.isoformat().endswith("+00:00")
        assert now_among.rows({"word": "three"}) == []


def test_a_connection_that_the_database_closed_is_thrown_away(committed_app: Flask) -> None:
    with committed_app.app_context():
        for begin_first in (True, False):
            with transaction(read_only=True):
                pid = driver_of(db.session.connection()).info.backend_pid
            with pytest.raises(OperationalError), transaction(read_only=True):
                if begin_first:
                    db.session.connection()
                as_superuser(f"SELECT pg_terminate_backend({pid}, 5000)")
                TWICE.rows({"numbers": [1], "without": [4]})
            with transaction(read_only=True):
                assert TWICE.rows({"numbers": [1], "without": [4]})[0].twice == 2
