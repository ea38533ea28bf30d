"""What the application's database role may do: read and write rows, own nothing, and never change or remove what is only ever added.

Granted again after every migration, so that new tables are covered; the owner's role runs this, from migrations/env.py.
"""

from sqlalchemy import Connection, text

# Rows that are only added, and the columns of them that may still be set: the end of a consent, a note that is sealed anew with another key.
APPEND_ONLY: dict[str, tuple[str, ...]] = {
    "audit_entries": (),
    "register_lookups": (),
    "booking_events": (),
    "ledger_movements": (),
    "seller_statements": ("seller_sealed",),
    "training_records": (),
    "verification_records": ("took_effect",),
    "consents": ("withdrawn_at", "end_reason"),
    "case_steps": ("note_sealed",),
}


def grant_to(connection: Connection, role: str) -> None:
    """Do nothing when the application connects as the owner (a single-role development database)."""
    quote = connection.dialect.identifier_preparer.quote
    if role == connection.execute(text("SELECT current_user")).scalar_one():
        return
    name = quote(role)
    statements = [
        f"GRANT USAGE ON SCHEMA public TO {name}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
        f"GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO {name}",
        f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {name}",
        *(f"REVOKE UPDATE, DELETE ON {table} FROM {name}" for table in APPEND_ONLY),
        *(f"GRANT UPDATE ({column}) ON {table} TO {name}" for table, column in _still_set(connection)),
    ]
    existing = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    for statement in statements:
        if not any(table in statement and table not in existing for table in (*APPEND_ONLY, "alembic_version")):
            connection.execute(text(statement))


def _still_set(connection: Connection) -> list[tuple[str, str]]:
    """(table, column) as far as they exist: a database may stand at an older revision."""
    found = text("SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'")
    return [(table, column) for table, column in connection.execute(found) if column in APPEND_ONLY.get(table, ())]
