"""The authorisation matrix, generated from the route table: each route as anonymous, as a client, and as a confirmed person without its role."""

import uuid
from collections.abc import Callable
from functools import cache

import pytest
from flask import Flask
from sqlalchemy import select

from app.assembly import create_app
from core import access, jobs
from core.audit import AuditEntry
from core.db import db, transaction
from tests.browser import Browser
from tests.conftest import settings_for
from tests.factories.accounts import PASSWORD, an_account

Route = tuple[str, str, str, str]


@cache
def _table() -> list[Route]:
    """(method, path with random ids, endpoint, rule) of every API route; read from an application that never touches its database."""
    before = jobs._application
    application = create_app(settings_for("attune"))
    if before is not None:
        jobs.init_app(before)
    rows = []
    for rule in application.url_map.iter_rules():
        declared = access.declaration_of(application.view_functions[rule.endpoint])
        if declared is None or not rule.rule.startswith("/api/v1"):
            continue
        values = {name: uuid.uuid4() if "uuid" in rule.rule else "nothing" for name in rule.arguments}
        with application.test_request_context(base_url="http://attune.test"):
            path = application.url_map.bind("attune.test").build(rule.endpoint, values, append_unknown=False)
        rows += [(method, path, rule.endpoint, declared.rule.__name__) for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]
    return rows


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "route" in metafunc.fixturenames:
        table = _table()
        metafunc.parametrize("route", table, ids=[f"{method} {endpoint}" for method, _, endpoint, _ in table])


def test_anonymous_meets_401_where_a_person_is_asked_for(route: Route, app: Flask, client: Callable[[], Browser]) -> None:
    method, path, _, rule = route
    status = client().open(path, method=method, json=None if method in ("GET", "DELETE") else {}).status_code
    if rule == "anyone":
        assert status < 500
        assert status != 403 or method != "GET"
    else:
        assert status == 401


def test_R52_a_client_meets_403_where_a_role_is_asked_for(route: Route, app: Flask, client: Callable[[], Browser]) -> None:
    method, path, endpoint, rule = route
    with transaction():
        email = an_account().email
    browser = client()
    browser.sign_in(email, PASSWORD)
    answer = browser.open(path, method=method, json=None if method in ("GET", "DELETE") else {})
    assert answer.status_code < 500, answer.text
    if rule.startswith("role_") and "client" not in rule:
        assert (answer.status_code, answer.get_json()["code"]) == (403, "forbidden")
        with transaction():
            refused = db.session.execute(select(AuditEntry.subject_id).where(AuditEntry.action == "core.access_refused")).scalars().all()
        assert refused == [endpoint], "R52: a refusal is recorded although its transaction was rolled back"
    elif answer.status_code >= 400:
        assert answer.get_json()["code"]


def test_an_unsafe_route_refuses_a_signed_in_browser_without_its_token(route: Route, app: Flask, client: Callable[[], Browser]) -> None:
    """R55."""
    method, path, _, _ = route
    if method == "GET":
        return
    with transaction():
        email = an_account().email
    browser = client()
    browser.sign_in(email, PASSWORD)
    for headers in ({}, {"X-CSRF-Token": "wrong", "Origin": "http://attune.test"}, {"X-CSRF-Token": browser.csrf_token, "Origin": "https://evil.example"}):
        answer = browser.open(path, method=method, json={}, headers=headers, bare=True)
        assert answer.status_code == 403, (headers, answer.text)


def test_R54_no_get_changes_state_and_no_state_changes_on_get(route: Route, app: Flask, client: Callable[[], Browser]) -> None:
    method, path, _, _ = route
    if method != "GET":
        assert client().get(path).status_code in (200, 401, 403, 404, 405, 422), path
