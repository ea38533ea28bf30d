"""Statements of the hottest reads: built and compiled once, run by the driver itself on the connection of the open transaction.

What SQLAlchemy does around a statement (objects, types, results) costs several times what the statement costs. Nothing is different otherwise: the same
transaction, the same refusals. Values come as the driver reads them, instants in UTC; many instants are better read as seconds
(`second_at`).
"""

from collections import namedtuple
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import psycopg
from sqlalchemy import BigInteger, ColumnElement, Connection, Engine, Select, SQLColumnExpression, cast, func, literal_column
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql.selectable import CompoundSelect

from core.db import NOW, UtcInstant, db, driver_of, hear_time


def second_at(instant: SQLColumnExpression[datetime]) -> ColumnElement[int]:
    """The UTC second in which an instant of the database lies. `date_part` is a double, exact to the microsecond here; `extract` a slow decimal."""
    return cast(func.floor(func.date_part(literal_column("'epoch'"), instant)), BigInteger)


class Prepared:
    """A statement and its columns. Columns without a name are called _0, _1 and so on, by their place."""

    def __init__(self, statement: Any, columns: Sequence[ColumnElement[Any]]) -> None:
        self._statement, self._columns = statement, columns
        self._made: tuple[str, dict[str, Any]] | None = None

    def _prepared(self, given: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The text, and the values that are part of the statement. Values are given under the same names each time; what is IN a list is never given."""
        if self._made is None:
            # Lists of IN are written out; that asks for every value.
            written = self._statement.compile(dialect=db.engine.dialect).construct_expanded_state(given)
            self._made = written.statement, {name: value for name, value in written.parameters.items() if name not in given}
        return self._made

    @cached_property
    def _instants(self) -> frozenset[int]:
        return frozenset(at for at, column in enumerate(self._columns) if isinstance(column.type, UtcInstant))

    @cached_property
    def named(self) -> Callable[[Iterable[Any]], Any]:
        """A row by the names of its columns."""
        row: Any = namedtuple("Row", [column.key or "" for column in self._columns], rename=True)  # type: ignore[misc]  # known when it runs
        return row._make

    def rows(self, given: Mapping[str, Any]) -> list[Any]:
        """Everything that is found, as named tuples."""
        return list(map(self.named, self.tuples(given)))

    def tuples(self, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Everything that is found, by place."""
        return self._found(db.session.connection(), given)

    def _found(self, connection: Connection, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        cursor, driver = self._executed(connection, given)
        found = cursor.fetchall()
        if self._instants and driver.info.parameter_status("TimeZone") != "UTC":  # then the driver reads instants in the database's own zone
            return [tuple(value and value.astimezone(UTC) if at in self._instants else value for at, value in enumerate(row)) for row in found]
        return found

    def _executed(self, connection: Connection, given: Mapping[str, Any]) -> tuple[psycopg.Cursor[Any], psycopg.Connection[Any]]:
        sql, fixed = self._prepared(given)
        values, driver = {**fixed, **given}, driver_of(connection)
        cursor = driver.cursor()
        for hear in connection.dispatch.before_cursor_execute:  # whoever listens to statements hears these too
            hear(connection, cursor, sql, values, None, False)  # noqa: FBT003 called as SQLAlchemy calls it
        try:
            cursor.execute(sql, values, binary=True)
        except psycopg.Error as error:
            # As it would come from SQLAlchemy, which hides what was given.
            raise DBAPIError.instance(sql, None, error, psycopg.Error, hide_parameters=True, connection_invalidated=driver.closed) from error
        return cursor, driver


class Reading(Prepared):
    """One SELECT."""

    def __init__(self, statement: Select[Any] | CompoundSelect[Any]) -> None:
        super().__init__(statement, list(statement.selected_columns))


class Glance(Reading):
    """A reading that often is the first of its block, or all that the block reads. Then it is a transaction of its own, which neither begins nor ends on a trip
    of its own, and the time is heard with it; a transaction of the block begins later, if at all. Each statement sees what was committed before it either way.
    Where a transaction is open already it is a reading of that.
    """

    def __init__(self, statement: Select[Any]) -> None:
        super().__init__(statement.add_columns(literal_column(NOW, BigInteger).label("microseconds")))

    def tuples(self, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        session = db.session()
        bind = session.get_bind()
        if session.in_transaction() or not isinstance(bind, Engine):
            return super().tuples(given)
        with bind.connect() as connection:
            found = self._by_itself(connection, given)
        if found:
            hear_time(session, found[0][-1])
        return found

    def _by_itself(self, connection: Connection, given: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        driver = driver_of(connection)
        driver.autocommit = True
        try:
            return self._found(connection, given)
        finally:
            if driver.closed:
                connection.invalidate()
            else:
                driver.autocommit = False
