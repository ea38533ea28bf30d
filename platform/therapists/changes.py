"""Whom transactions touched, and who of them changed since a look, exactly: by what that look could see, not by clocks or sequences, which say nothing about
commits (docs/adr/0016).

Lines are written by triggers alone, for each therapist whom a statement touched in a table that lists, or openings, are made of (migrations 0049 and 0056).
A look's `seen` is a snapshot of PostgreSQL's, in which the looking transaction itself counts as open: it may write only after it has read. What was read after
it was taken is right until a transaction that it could not see left a line.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import BigInteger, Column, ColumnElement, Index, Table, Text, and_, bindparam, cast, delete, exists, func, literal_column, not_, text
from sqlalchemy.types import UserDefinedType

from core.db import UtcInstant, db

KEPT_FOR = timedelta(days=2)

# No key: it is a log, and nothing refers to a line of it. `xact` is the number of the transaction that wrote it.
candidate_changes = Table(
    "candidate_changes",
    db.metadata,
    Column("therapist_id", BigInteger, nullable=False),
    Column("xact", BigInteger, nullable=False, index=True, server_default=text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)")),
    Column("at", UtcInstant, nullable=False, server_default=text("now()")),
    Index(None, "therapist_id", "xact"),
)
# A snapshot does not name the transaction that takes it, and so would call it seen as soon as another with a later number is over.
SEEN = """
    (SELECT CASE WHEN own IS NULL OR own >= pg_snapshot_xmax(here) THEN CAST(here AS text)
        ELSE concat(pg_snapshot_xmin(here), ':', pg_snapshot_xmax(here), ':',
          (SELECT string_agg(CAST(number AS text), ',' ORDER BY number) FROM (SELECT pg_snapshot_xip(here) UNION SELECT own) AS open_ones(number))) END
      FROM (SELECT pg_current_snapshot() AS here, pg_current_xact_id_if_assigned() AS own) AS look)
"""
_SINCE = text(
    f"""
    SELECT {SEEN},
      (SELECT array_agg(DISTINCT therapist_id) FROM candidate_changes
        WHERE xact >= CAST(CAST(pg_snapshot_xmin(CAST(:seen AS pg_snapshot)) AS text) AS bigint)
          AND NOT pg_visible_in_snapshot(CAST(CAST(xact AS text) AS xid8), CAST(:seen AS pg_snapshot))),
      EXISTS (SELECT FROM candidate_changes WHERE xact = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint))
    """  # noqa: S608 put together of our own words alone
)


class Changes(NamedTuple):
    """`seen` is what this look could see; `own`: this very transaction touched somebody, and may yet be rolled back."""

    seen: str
    therapist_ids: frozenset[int]
    own: bool


def changes_since(seen: str | None) -> Changes:
    """Therapists touched by transactions that `seen` could not see; nobody for None, which is a first look. One statement."""
    now_seen, changed, own = db.session.execute(_SINCE, {"seen": seen}).one()
    return Changes(now_seen, frozenset(changed or ()), own)


def seen_here() -> tuple[ColumnElement[str], ColumnElement[bool]]:
    """Part of a statement, for whoever keeps what it and later ones read: what it could see, and whether this very transaction touched somebody."""
    here = cast(cast(func.pg_current_xact_id_if_assigned(), Text), BigInteger)
    return literal_column(SEEN, Text), exists().where(candidate_changes.c.xact == here)


class _Internal(UserDefinedType[str]):
    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        return self.name


def has_changed() -> ColumnElement[bool]:
    """Part of a statement: whether the one `therapist_id` was touched by a transaction that `seen` could not see, this very one included."""
    line, seen = candidate_changes.c, cast(bindparam("seen", type_=Text), _Internal("pg_snapshot"))
    unseen = not_(func.pg_visible_in_snapshot(cast(cast(line.xact, Text), _Internal("xid8")), seen))
    oldest_open = cast(cast(func.pg_snapshot_xmin(seen), Text), BigInteger)
    return exists().where(and_(line.therapist_id == bindparam("therapist_id", type_=BigInteger), line.xact >= oldest_open, unseen))


def forget_changes(*, now: datetime) -> None:
    """Nobody looks back further: what was read so long ago is read anew."""
    db.session.execute(delete(candidate_changes).where(candidate_changes.c.at < now - KEPT_FOR))
