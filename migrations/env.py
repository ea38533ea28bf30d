"""Runs the migrations as the owner's role, then grants the application's role what it needs."""

from alembic import context
from flask import current_app
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.pool import NullPool

from app.privileges import grant_to
from core.db import db

# Two deployments at once: the second waits here. Any number will do, as long as nobody else uses it.
ONE_MIGRATION_AT_A_TIME = 7_316_002


def include_name(name: str | None, kind: str, _parents: object) -> bool:
    """The job queue's tables belong to Procrastinate."""
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def run() -> None:
    engine = create_engine(current_app.config["MIGRATION_DATABASE_URL"], poolclass=NullPool, connect_args={"connect_timeout": 5})
    with engine.connect() as connection:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": ONE_MIGRATION_AT_A_TIME})
        connection.execute(text("SET lock_timeout = '5s'"))
        connection.commit()
        context.configure(connection=connection, target_metadata=db.metadata, include_name=include_name, compare_type=True, transaction_per_migration=True)
        with context.begin_transaction():
            context.run_migrations()
        app_role = make_url(current_app.config["SQLALCHEMY_DATABASE_URI"]).username
        if app_role:
            grant_to(connection, app_role)
        connection.commit()


run()
