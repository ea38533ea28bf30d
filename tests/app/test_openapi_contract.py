"""Schemathesis against the application on a real database: never our failure, and every answer as the OpenAPI document says."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance

from accounts.roles import grant_role
from app.assembly import create_app
from app.demo import load
from core import jobs
from core.clock import now
from core.db import db, transaction
from tests.browser import BASE_URL, Browser
from tests.conftest import settings_for
from tests.factories.accounts import PASSWORD, an_account

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EVERY_ROLE = ("client", "therapist", "verifier", "matchmaker", "safety_responder", "admin")
# These would end the session that the other calls need.
ENDS_THE_SESSION = re.compile(r"(POST|PUT|PATCH|DELETE) /api/v1/(session|sessions|password|me)\b")
METHODS = ("get", "post", "put", "patch", "delete")
FEW = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module")
def fuzzed(new_database: Any) -> Iterator[Flask]:
    """The application on a database of its own with the invented cast."""
    before = jobs._application
    application = create_app(settings_for(new_database()))
    application.test_client_class = Browser
    with application.app_context(), transaction():
        load.load_demo(environment="test", now=now())
    yield application
    with application.app_context():
        db.engine.dispose()
    if before is not None:
        jobs.init_app(before)


@pytest.fixture(scope="module")
def document(fuzzed: Flask) -> Any:
    return schemathesis.openapi.from_wsgi("/api/openapi.json", fuzzed)


@pytest.fixture(scope="module")
def headers_of_everybody(fuzzed: Flask) -> dict[str, str]:
    """The headers of somebody who has every role, so that no route ends at its rule."""
    with fuzzed.app_context(), transaction():
        account = an_account(email="everybody@example.org", roles=EVERY_ROLE)
        for role in EVERY_ROLE:
            grant_role(account.person_id, role, now=now())
    browser = fuzzed.test_client()
    assert isinstance(browser, Browser)
    cookie = browser.sign_in("everybody@example.org", PASSWORD).headers["Set-Cookie"].split(";")[0]
    return {"Cookie": cookie, "X-CSRF-Token": browser.csrf_token or "", "Origin": BASE_URL}


@cache
def _operations() -> list[str]:
    """Each as "GET /api/v1/me"; read from an application that never touches its database."""
    before = jobs._application
    paths = create_app(settings_for("attune")).extensions["openapi"].to_dict()["paths"]
    if before is not None:
        jobs.init_app(before)
    return [f"{method.upper()} {path}" for path, item in paths.items() for method in item if method in METHODS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "operation" in metafunc.fixturenames:
        metafunc.parametrize("operation", _operations())


def try_out(document: Any, operation: str, headers: dict[str, str]) -> None:
    method, path = operation.split(" ")

    @FEW
    @given(case=document[path][method].as_strategy())
    def examples(case: Case) -> None:
        case.call_and_validate(checks=CHECKS, headers=headers)

    examples()


def test_a_guest_meets_only_documented_answers(operation: str, document: Any) -> None:
    try_out(document, operation, {"Origin": BASE_URL})


def test_somebody_with_every_role_meets_only_documented_answers(operation: str, document: Any, headers_of_everybody: dict[str, str]) -> None:
    if not ENDS_THE_SESSION.search(operation):
        try_out(document, operation, headers_of_everybody)
