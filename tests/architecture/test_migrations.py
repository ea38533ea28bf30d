"""One head, up and down and up again, and a schema that is what the models say."""

import hashlib
from collections.abc import Callable

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade
from procrastinate.schema import SchemaManager
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from app.commands import MIGRATIONS
from core.crypto import Sealed
from core.db import Base, db

# Of the installed Procrastinate. When it changes: write a revision that brings databases from the old schema to the new one, then put the new digest here.
QUEUE_SCHEMA_SHA256 = "c70ec4b400a60ad9592787653aae5ae77ae41bf801d56b5bd2712751a07f2009"


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory(str(MIGRATIONS)).get_heads()) == 1


def test_the_job_queue_schema_is_the_one_that_the_first_revision_meant() -> None:
    assert hashlib.sha256(SchemaManager.get_schema().encode()).hexdigest() == QUEUE_SCHEMA_SHA256


def of_the_queue(name: str | None, kind: str, _parents: object) -> bool:
    return not (kind == "table" and name is not None and name.startswith("procrastinate_"))


def test_the_schema_is_what_the_models_say(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_name": of_the_queue, "compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_up_down_up(committed_app: Flask) -> None:
    with committed_app.app_context():
        before = schema_of(committed_app)
        downgrade(revision="base")
        assert schema_of(committed_app) == {("alembic_version", "version_num", "character varying")}
        upgrade()
        assert schema_of(committed_app) == before


def schema_of(app: Flask) -> set[tuple[str, str, str]]:
    engine = create_engine(app.config["MIGRATION_DATABASE_URL"], poolclass=NullPool)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"))
        return {(row[0], row[1], row[2]) for row in rows}


def test_every_sealed_column_stands_on_a_row_with_a_public_id() -> None:
    sealed = [(mapper.class_, value) for mapper in Base.registry.mappers for value in vars(mapper.class_).values() if isinstance(value, Sealed)]
    assert len(sealed) >= 5
    for model, descriptor in sealed:
        assert hasattr(model, "public_id"), model
        assert descriptor.column in model.__table__.columns, (model, descriptor.column)


def test_two_overlapping_claims_cannot_exist(new_database: Callable[[], str], app: Flask) -> None:
    """Autogenerate does not notice a lost exclusion constraint: this does."""
    with app.app_context(), db.engine.connect() as connection:
        found = (
            connection.execute(text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x' AND conrelid = 'claims'::regclass"))
            .scalars()
            .all()
        )
    assert len(found) == 1
    assert "WITH &&" in found[0]
    assert "WHERE (blocks)" in found[0]


def test_the_application_role_owns_nothing(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        owned = connection.execute(text("SELECT relname FROM pg_class WHERE relowner = current_user::regrole")).scalars().all()
        with pytest.raises(Exception, match="permission denied"):
            connection.execute(text("CREATE TABLE mine (id int)"))
    assert owned == []
