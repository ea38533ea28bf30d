"""What the application's database role may do: read and write rows, own nothing, and never change or remove an audit entry.

Granted again after every migration, so that new tables are covered; the owner's role runs this, from migrations/env.py.
"""

from sqlalchemy import Connection, text

APPEND_ONLY = ("audit_entries",)


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
    ]
    existing = set(connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).scalars())
    for statement in statements:
        if not any(table in statement and table not in existing for table in (*APPEND_ONLY, "alembic_version")):
            connection.execute(text(statement))
