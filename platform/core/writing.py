"""Statements of the hottest writes, as `reading` has reads: compiled once, run by the driver on the connection of the open transaction."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Insert, Update

from core.db import db
from core.reading import Prepared


class Writing(Prepared):
    """One INSERT or UPDATE whose values are all named parameters."""

    def __init__(self, statement: Insert | Update) -> None:
        super().__init__(statement, list(statement.exported_columns))

    def run(self, given: Mapping[str, Any]) -> list[Any]:
        """Do it; the rows that it returns, by the names of their columns."""
        if self._columns:
            return self.rows(given)
        self._executed(db.session.connection(), given)
        return []
