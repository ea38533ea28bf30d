"""Whom transactions touched, as lists see therapists. Written by triggers alone; rows go after `changes.KEPT_FOR`."""

from sqlalchemy import BigInteger, Column, Table, text

from core.db import UtcInstant, db

# No key: it is a log, and nothing refers to a line of it. `xact` is the number of the transaction that wrote it.
candidate_changes = Table(
    "candidate_changes",
    db.metadata,
    Column("therapist_id", BigInteger, nullable=False),
    Column("xact", BigInteger, nullable=False, index=True, server_default=text("CAST(CAST(pg_current_xact_id() AS text) AS bigint)")),
    Column("at", UtcInstant, nullable=False, server_default=text("now()")),
)
