"""What time it is: the database's time, read once per transaction, so that every row of one act carries the same instant.

Acts take `now` as an argument; only doors (routes, jobs, commands) call `now()`. Tests put a `FixedClock` here.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sqlalchemy import text

from core.db import db


class Clock(Protocol):
    def now(self) -> datetime:
        """An aware instant in UTC."""


class DatabaseClock:
    """`now()` of PostgreSQL is the start of the transaction; it is asked once and kept with the transaction."""

    def now(self) -> datetime:
        session = db.session()
        if session.info.get("now") is None:
            session.connection()  # the transaction begins, and hears it
        kept = session.info.get("now")
        if kept is None:
            kept = session.execute(text("SELECT now()")).scalar_one().astimezone(UTC)
            session.info["now"] = kept
        return kept  # type: ignore[no-any-return]


class FixedClock:
    """Stands still until it is moved."""

    def __init__(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError("a clock needs an aware instant")
        self.instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self.instant

    def advance(self, **duration: float) -> None:
        self.instant += timedelta(**duration)


_database_clock = DatabaseClock()
_replacement: ContextVar[Clock | None] = ContextVar("clock", default=None)


def now() -> datetime:
    """The instant of this transaction, aware, in UTC."""
    return (_replacement.get() or _database_clock).now()


@contextmanager
def use_clock(clock: Clock) -> Iterator[Clock]:
    """Every `now()` inside the block comes from `clock`."""
    before = _replacement.set(clock)
    try:
        yield clock
    finally:
        _replacement.reset(before)
