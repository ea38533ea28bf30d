"""`/health`: what an operator or a load balancer asks. 200 when this process can serve, 503 when it cannot; says nothing about people."""

from datetime import UTC, datetime
from typing import Any

from alembic.script import ScriptDirectory
from flask import Blueprint, Response, jsonify
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.commands import MIGRATIONS
from core.access import allow, anyone
from core.db import db, transaction
from core.zones import tzdata_version

blueprint = Blueprint("health", __name__)
WORKER_SILENT_AFTER_SECONDS = 60


@blueprint.get("/health")
@allow(anyone, outside=True)
def health() -> Response:
    """Versions, database, migrations, worker. Declared outside: it must answer when the database does not."""
    state: dict[str, Any] = {"tzdata": tzdata_version(), "database": "unreachable", "migration": None, "migration_head": head(), "worker": "unknown"}
    try:
        with transaction(read_only=True):
            state |= _asked_of_the_database()
    except SQLAlchemyError:
        pass
    ready = state["database"] == "ok" and state["migration"] == state["migration_head"]
    response = jsonify({"status": "ok" if ready else "failing", **state})
    response.status_code = 200 if ready else 503
    return response


def head() -> str | None:
    """The newest migration in the code."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def _asked_of_the_database() -> dict[str, Any]:
    migration = db.session.execute(text("SELECT version_num FROM alembic_version")).scalar()
    heartbeat = db.session.execute(text("SELECT max(last_heartbeat) FROM procrastinate_workers")).scalar()
    silent_for = None if heartbeat is None else (datetime.now(UTC) - heartbeat).total_seconds()
    worker = "none" if silent_for is None else "ok" if silent_for < WORKER_SILENT_AFTER_SECONDS else "silent"
    return {"database": "ok", "migration": migration, "worker": worker, "worker_heartbeat_age_seconds": None if silent_for is None else round(silent_for, 1)}
