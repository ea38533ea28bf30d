"""The database session and `transaction()`, the only place in the product that commits.

Dispatch (`http.Application`), jobs and commands open a transaction; acts add rows and may flush. What must survive a refusal (an audit row, a
throttle count) is handed to `after_refusal` and written in a second short transaction once the first is rolled back.
Whoever speaks to the outside (mail, payments, registers) calls `require_no_transaction()` first: a slow stranger must never hold our locks.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

import psycopg
from flask_sqlalchemy import SQLAlchemy
from psycopg.pq import ExecStatus, TransactionStatus
from sqlalchemy import BigInteger, Connection, DateTime, Dialect, MetaData, Uuid, event, text
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, SessionTransaction, mapped_column
from sqlalchemy.orm import registry as orm_registry
from sqlalchemy.types import TypeDecorator

LOCK_TIMEOUT = "3s"
LONG_ENOUGH = 0.01  # seconds: more than a statement takes, less than a booking
# Person locks live in their own half of the advisory lock space; nobody else may lock a plain bigint.
PERSON_LOCKS = 1 << 60
# The timeout is set in FROM, so before the first lock; a planner drops no function that is volatile.
LOCK_PERSONS = text(
    "SELECT pg_advisory_xact_lock(key) FROM (SELECT set_config('lock_timeout', :patience, true)) AS patience, unnest(CAST(:keys AS bigint[])) AS key"
)

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcInstant(TypeDecorator[datetime]):
    """timestamptz that takes only aware datetimes and gives back UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the signature is SQLAlchemy's
        if value is not None and value.tzinfo is None:
            raise ValueError("a naive datetime names no instant")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 the signature is SQLAlchemy's
        return value and value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every model's parent. `datetime` means an instant, `int` a bigint."""

    registry = orm_registry(
        metadata=MetaData(naming_convention=NAMING),
        type_annotation_map={datetime: UtcInstant, int: BigInteger, uuid.UUID: Uuid},
    )


class HasPublicId:
    """The only name a row has outside: random, and never the primary key."""

    public_id: Mapped[uuid.UUID] = mapped_column(unique=True, default=uuid.uuid4)


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "join_transaction_mode": "create_savepoint"})

_open: ContextVar[bool] = ContextVar("transaction_open", default=False)
_refused: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_refusal", default=None)


@contextmanager
def transaction(*, read_only: bool = False) -> Iterator[None]:
    """Commit at the end of the block, or roll back on any exception and then write what `after_refusal` was given."""
    if _open.get():
        raise RuntimeError("transactions do not nest")
    refused: list[Callable[[], None]] = []
    opened, listening = _open.set(True), _refused.set(refused)
    try:
        with _committing(read_only=read_only):
            yield
    except BaseException:
        if refused:
            with _committing(read_only=False):
                for write in refused:
                    write()
        raise
    finally:
        _open.reset(opened)
        _refused.reset(listening)


@contextmanager
def _committing(*, read_only: bool) -> Iterator[None]:
    session = db.session()
    session.info.update(read_only=read_only, now=None, begun=None)
    try:
        if read_only and session.in_transaction():
            _read_only_from_here(session.connection())
        yield
        if session.in_transaction():
            session.commit()
    except BaseException:
        _roll_back(session)
        raise
    finally:
        session.info["read_only"] = False


def _roll_back(session: Session) -> None:
    """End what `_begin` began. A ROLLBACK of the driver's own makes it forget every statement that it has prepared, as tables might be gone with it; no table
    of ours comes or goes in here, and refusals are many: the next requests of the connection would pay for each with planning everything anew.
    """
    driver: psycopg.Connection[Any] | None = session.info.pop("begun", None)
    if driver is not None and driver.info.transaction_status in (TransactionStatus.INTRANS, TransactionStatus.INERROR):
        driver.pgconn.exec_(b"ROLLBACK")
    session.rollback()


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOW = "CAST(extract(epoch FROM now()) * 1000000 AS bigint)"
BEGIN = {False: f"BEGIN; SELECT {NOW}".encode(), True: f"BEGIN READ ONLY; SELECT {NOW}".encode()}


@event.listens_for(db.session, "after_begin")
def _begin(session: Session, transaction: SessionTransaction, connection: Connection) -> None:
    """Begin with the first statement of the block, and hear the time in the same trip: a block that asks for nothing costs none.

    The driver would send BEGIN by itself, and sees that it is done. Where a transaction is open already, or nobody answers, SQLAlchemy finds out.
    """
    if transaction.nested:
        return
    read_only, driver = session.info.get("read_only", False), driver_of(connection)
    if driver.info.transaction_status == TransactionStatus.IDLE:
        told = driver.pgconn.exec_(BEGIN[read_only])
        if told.status == ExecStatus.TUPLES_OK:
            session.info["begun"] = driver
            hear_time(session, int(told.get_value(0, 0) or b""))
            return
    if read_only:
        _read_only_from_here(connection)


def hear_time(session: Session, microseconds: int) -> None:
    """Keep what the database said of the time, in `NOW`; a block has one time, the first that it heard."""
    if session.info.get("now") is None:
        session.info["now"] = EPOCH + timedelta(microseconds=microseconds)


def driver_of(connection: Connection) -> psycopg.Connection[Any]:
    """The driver's own connection, for what is too hot for a layer around it."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, psycopg.Connection)
    return driver


def _read_only_from_here(connection: Connection) -> None:
    connection.execute(text("SELECT set_config('transaction_read_only', 'on', true)"))


def after_refusal(write: Callable[[], None]) -> None:
    """Run `write` in a second transaction if this one is rolled back; forget it if this one commits."""
    refused = _refused.get()
    if refused is None:
        raise RuntimeError("after_refusal belongs inside a transaction")
    refused.append(write)


def require_no_transaction() -> None:
    """A port calls this before it speaks to the outside."""
    if _open.get():
        raise RuntimeError("a call to the outside inside a transaction: declare the route or job as outside")


def savepoint() -> AbstractContextManager[SessionTransaction]:
    """Contain a statement that the database may refuse, so that the transaction stays usable."""
    return db.session.begin_nested()


def lock_persons(*person_ids: int) -> bool:
    """Take the locks on these persons' time until the transaction ends, in sorted order, waiting at most `LOCK_TIMEOUT`. Whether it took long enough for
    somebody else to have changed that time meanwhile: a hint, never a proof.

    SQLSTATE 55P03 when the wait is over; `http` answers 409 `busy`.
    """
    keys, begun = [PERSON_LOCKS + person_id for person_id in sorted(set(person_ids))], monotonic()
    db.session.execute(LOCK_PERSONS, {"keys": keys, "patience": LOCK_TIMEOUT})
    return monotonic() - begun > LONG_ENOUGH


def sqlstate_of(error: BaseException) -> str | None:
    """The five-character state of a database error, also when SQLAlchemy wraps it."""
    original = getattr(error, "orig", error)
    return getattr(original, "sqlstate", None)
