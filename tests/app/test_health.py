"""/health answers whatever the database does; without a database everything else is 503 within three seconds."""

import time
import uuid
from dataclasses import replace

import pytest
from flask import Flask

from app.assembly import create_app
from core import jobs
from core.db import db
from tests.browser import Browser
from tests.conftest import as_superuser, settings_for


def test_a_healthy_process_says_its_versions(app: Flask) -> None:
    app.test_client_class = Browser
    answer = app.test_client().get("/health")
    told = answer.get_json()
    assert answer.status_code == 200, told
    assert (told["status"], told["database"]) == ("ok", "ok")
    assert told["migration"] == told["migration_head"]
    assert told["tzdata"].startswith("2026.")
    assert told["worker"] == "none"


@pytest.fixture
def app_without_database(app: Flask) -> Flask:
    gone = replace(settings_for("attune"), database_url="postgresql+psycopg://attune_app@/attune?host=/nonexistent")
    application = create_app(gone)
    application.test_client_class = Browser
    jobs.init_app(app)
    return application


OPENINGS = f"/api/v1/services/{uuid.uuid4()}/openings?start=2026-11-23T00:00:00Z&end=2026-11-24T00:00:00Z"


def test_without_a_database_health_is_503(app_without_database: Flask) -> None:
    answer = app_without_database.test_client().get("/health")
    assert (answer.status_code, answer.get_json()["database"]) == (503, "unreachable")


@pytest.mark.parametrize("path", [OPENINGS, "/api/v1/therapists"])
def test_without_a_database_answers_are_503_in_under_three_seconds(app_without_database: Flask, path: str) -> None:
    started = time.monotonic()
    answer = app_without_database.test_client().get(path)
    assert answer.status_code == 503
    assert answer.get_json()["code"] == "unavailable"
    assert answer.headers["Retry-After"]
    assert time.monotonic() - started < 3


def test_the_pool_of_a_process_survives_a_lost_connection(committed_app: Flask) -> None:
    client = committed_app.test_client()
    assert client.get("/health").status_code == 200
    with committed_app.app_context():
        name = db.engine.url.database
    as_superuser(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    answers = [client.get("/health").status_code for _ in range(3)]
    assert answers[-1] == 200


@pytest.mark.parametrize("path", ["/api/v1/taxonomy/jurisdictions", "/api/v1/session"])
def test_without_a_database_what_needs_none_is_told(app_without_database: Flask, path: str) -> None:
    assert app_without_database.test_client().get(path).status_code == 200
