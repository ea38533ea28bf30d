"""Whom the database saw changed since the last look, exactly: by what that look could see, not by clocks or sequences, which say nothing about commits."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete, text

from core.db import db
from matching.live.models import candidate_changes

KEPT_FOR = timedelta(days=2)
_SINCE = text(
    """
    SELECT CAST(pg_current_snapshot() AS text),
      (SELECT array_agg(DISTINCT therapist_id) FROM candidate_changes
        WHERE xact >= CAST(CAST(pg_snapshot_xmin(CAST(:seen AS pg_snapshot)) AS text) AS bigint)
          AND NOT pg_visible_in_snapshot(CAST(CAST(xact AS text) AS xid8), CAST(:seen AS pg_snapshot))),
      EXISTS (SELECT FROM candidate_changes WHERE xact = CAST(CAST(pg_current_xact_id_if_assigned() AS text) AS bigint))
    """
)


class Changes(NamedTuple):
    """`seen` is what this look could see (a snapshot of PostgreSQL's); `own`: this very transaction touched somebody, and may yet be rolled back."""

    seen: str
    therapist_ids: frozenset[int]
    own: bool


def changes_since(seen: str | None) -> Changes:
    """Therapists touched by transactions that `seen` could not see; nobody for None, which is a first look. One statement."""
    now_seen, changed, own = db.session.execute(_SINCE, {"seen": seen}).one()
    return Changes(now_seen, frozenset(changed or ()), own)


def forget_changes(*, now: datetime) -> None:
    """Nobody looks back further: columns that old are read anew."""
    db.session.execute(delete(candidate_changes).where(candidate_changes.c.at < now - KEPT_FOR))
