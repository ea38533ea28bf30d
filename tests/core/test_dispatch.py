"""How a request runs: transaction, refusals, bad input. On a small set of routes of its own."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask, Response
from marshmallow import fields
from sqlalchemy import text

from accounts.models import Person
from app.assembly import create_app
from core import jobs
from core.access import allow, anyone, signed_in
from core.clock import now
from core.db import db, transaction
from core.errors import Conflict, Unavailable
from core.http import Blueprint, Instant, MoneyField, PageQuery, Schema, Text, ZoneName, cursor_of, key_of
from tests.browser import Browser
from tests.conftest import settings_for


class ThingSchema(Schema):
    name = Text(required=True, longest=20)
    at = Instant()
    zone = ZoneName()
    fee = MoneyField()
    count = fields.Integer(strict=True)


blueprint = Blueprint("things", __name__, url_prefix="/api/v1/things")


def _add_person() -> None:
    db.session.add(Person(created_at=now()))
    db.session.flush()


@blueprint.post("")
@allow(anyone)
@blueprint.takes(ThingSchema)
@blueprint.gives(201, ThingSchema)
def make_thing(body: dict[str, Any]) -> dict[str, Any]:
    _add_person()
    return body


@blueprint.post("/refused")
@allow(anyone)
def refused() -> None:
    _add_person()
    raise Conflict("No.", code="no", extra={"next": [1]}, retry_after=7)


@blueprint.post("/answered-400")
@allow(anyone)
def answered_400() -> Response:
    _add_person()
    return Response("no", 400)


@blueprint.get("/writes")
@allow(anyone)
def writes() -> str:
    _add_person()
    return "written"


@blueprint.get("")
@allow(anyone)
@blueprint.takes(PageQuery, location="query")
@blueprint.gives(200)
def list_things(query: dict[str, Any]) -> dict[str, Any]:
    return query


@blueprint.get("/mine")
@allow(signed_in)
def mine() -> str:
    return "mine"


@blueprint.get("/down")
@allow(anyone)
def down() -> None:
    raise Unavailable(retry_after=3)


@blueprint.get("/broken")
@allow(anyone)
def broken() -> None:
    raise ValueError("somebody's secret words")


@pytest.fixture(scope="module")
def things(app: Flask) -> Iterator[Flask]:
    application = create_app(settings_for(app.config["SQLALCHEMY_DATABASE_URI"].split("/")[-1].split("?")[0]))
    application.register_blueprint(blueprint)
    application.test_client_class = Browser
    yield application
    with application.app_context():
        db.engine.dispose()
    jobs.init_app(app)


@pytest.fixture
def browser(things: Flask, app: Flask) -> Iterator[Any]:
    with things.app_context(), db.engine.connect() as connection:
        engine, outer = db.engine, connection.begin()
        db.engines[None] = connection  # type: ignore[index]
        yield things.test_client()
        db.session.remove()
        db.engines[None] = engine  # type: ignore[index]
        outer.rollback()


def persons() -> int:
    with transaction():
        return db.session.execute(text("SELECT count(*) FROM persons")).scalar_one()


def test_a_success_is_committed(browser: Browser) -> None:
    before = persons()
    answer = browser.post("/api/v1/things", json={"name": " Ann ", "at": "2026-11-23T19:00:00+01:00", "fee": {"amount": 6000, "currency": "GBP"}})
    assert answer.status_code == 201, answer.text
    assert answer.get_json() == {"name": "Ann", "at": "2026-11-23T18:00:00Z", "fee": {"amount": 6000, "currency": "GBP"}}
    assert persons() == before + 1


def test_a_refusal_writes_nothing_and_is_a_problem_document(browser: Browser) -> None:
    before = persons()
    answer = browser.post("/api/v1/things/refused")
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.get_json() == {"type": "about:blank", "title": "Conflict", "status": 409, "code": "no", "detail": "No.", "next": [1]}
    assert answer.headers["Retry-After"] == "7"
    assert persons() == before


def test_an_answer_of_400_or_more_is_rolled_back(browser: Browser) -> None:
    before = persons()
    assert browser.post("/api/v1/things/answered-400").status_code == 400
    assert persons() == before


def test_a_get_cannot_write_whatever_its_code_says(browser: Browser) -> None:
    before = persons()
    assert browser.get("/api/v1/things/writes").status_code == 500
    assert persons() == before


def test_our_own_failure_says_nothing_about_its_cause(browser: Browser) -> None:
    answer = browser.get("/api/v1/things/broken")
    assert answer.status_code == 500
    assert answer.get_json()["code"] == "failed"
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 21}, "name"),
        ({"name": "a\x01b"}, "name"),
        ({"name": "a", "unknown": 1}, "unknown"),
        ({"name": "a", "at": "2026-11-23T18:00:00"}, "at"),
        ({"name": "a", "at": "2026-11-23"}, "at"),
        ({"name": "a", "at": 5}, "at"),
        ({"name": "a", "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"name": "a", "zone": "EST5EDT"}, "zone"),
        ({"name": "a", "zone": "../etc/passwd"}, "zone"),
        ({"name": "a", "zone": ""}, "zone"),
        ({"name": "a", "zone": "Etc/GMT+5"}, "zone"),
        ({"name": "a", "fee": {"amount": -1, "currency": "GBP"}}, "fee"),
        ({"name": "a", "fee": {"amount": 1.5, "currency": "GBP"}}, "fee"),
        ({"name": "a", "fee": {"amount": True, "currency": "GBP"}}, "fee"),
        ({"name": "a", "fee": {"amount": 1, "currency": "gbp"}}, "fee"),
        ({"name": "a", "count": "1.5"}, "count"),
        ([], "body"),
        (None, "name"),
    ],
)
def test_bad_input_is_refused_with_its_field(browser: Browser, body: Any, field: str) -> None:
    before = persons()
    answer = browser.post("/api/v1/things", json=body)
    assert answer.status_code == 422, answer.text
    assert answer.get_json()["code"] == "invalid"
    assert field in answer.get_json()["errors"]
    assert persons() == before


@pytest.mark.parametrize(
    ("data", "content_type", "status", "code"),
    [
        (b"{", "application/json", 400, "malformed_json"),
        (b"[" * 200_000, "application/json", 400, "malformed_json"),
        (b'{"name":' * 90_000, "application/json", 400, "malformed_json"),
        (b'{"name": "a", "count": ' + b"9" * 6000 + b"}", "application/json", 400, "malformed_json"),
        (b'{"name": "a", "name": "b"}', "application/json", 400, "malformed_json"),
        (b'{"name": "a", "count": NaN}', "application/json", 400, "malformed_json"),
        (b'{"name": "a", "count": -Infinity}', "application/json", 400, "malformed_json"),
        (b"\xff\xfe", "application/json", 400, "malformed_json"),
        (b'{"name": "a"}', "text/plain", 415, "unsupported_media_type"),
        (b"name=a", "application/x-www-form-urlencoded", 415, "unsupported_media_type"),
        (b'{"name": "a\\u0000b"}', "application/json", 422, "nul_character"),
        (b'{"name": "' + b"a" * 1_100_000 + b'"}', "application/json", 413, "too_large"),
    ],
)
def test_what_is_not_json_is_refused(browser: Browser, data: bytes, content_type: str, status: int, code: str) -> None:
    answer = browser.post("/api/v1/things", data=data, content_type=content_type)
    assert (answer.status_code, answer.get_json()["code"]) == (status, code)


@pytest.mark.parametrize("query", ["?unknown=1", "?limit=1&limit=2", "?limit=0", "?limit=1000000000", "?limit=x", "?cursor=a%00b", "?limit=-1"])
def test_bad_parameters_are_refused(browser: Browser, query: str) -> None:
    answer = browser.get("/api/v1/things" + query)
    assert answer.status_code == 422
    assert answer.get_json()["errors"]


def test_a_parameter_nobody_asked_for_is_refused(browser: Browser) -> None:
    assert browser.get("/api/v1/things/down?x=1").status_code == 422


def test_not_signed_in_is_401_before_anything_is_parsed(browser: Browser) -> None:
    answer = browser.get("/api/v1/things/mine")
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required")


def test_unknown_addresses_and_methods_are_problem_documents(browser: Browser) -> None:
    assert browser.get("/api/v1/nothing").get_json()["code"] == "not_found"
    answer = browser.put("/api/v1/things")
    assert (answer.status_code, answer.get_json()["code"]) == (405, "method_not_allowed")
    assert set(answer.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}


def test_unavailable_says_when_to_come_back(browser: Browser) -> None:
    answer = browser.get("/api/v1/things/down")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")


def test_a_cursor_reads_back_and_a_foreign_one_is_refused() -> None:
    assert key_of(cursor_of("a", 5), str, int) == ["a", 5]
    for bad in ("", "!!", cursor_of("a"), cursor_of(5, "a"), "bm90anNvbg"):
        with pytest.raises(Exception, match="invalid"):
            key_of(bad, str, int)


def test_every_answer_forbids_other_origins_and_caching(browser: Browser) -> None:
    headers = browser.get("/api/v1/things").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_instants_are_aware() -> None:
    parsed = Instant().deserialize("2026-11-23T18:00:00Z")
    assert isinstance(parsed, datetime)
    assert parsed.tzinfo is not None


@pytest.mark.parametrize("disguise", ["\u202e", "\u2066", "\u2028", "\u200b", "\x85", "\x9b"])
def test_R70_a_name_cannot_be_made_to_read_as_another_one(browser: Browser, disguise: str) -> None:
    answer = browser.post("/api/v1/things", json={"name": f"a{disguise}b"})
    assert (answer.status_code, answer.get_json()["errors"]) == (422, {"name": ["Contains a control character."]})


def test_R70_names_of_every_writing_are_taken(browser: Browser) -> None:
    for name in ("\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd\u200f", "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "Zo\u00eb O'Neill"):
        assert browser.post("/api/v1/things", json={"name": name}).get_json()["name"] == name


def test_R64_a_doubled_slash_redirects_nowhere(browser: Browser) -> None:
    answer = browser.get("/api//v1/things", headers={"Host": "evil.example"})
    assert (answer.status_code, answer.headers.get("Location")) == (404, None)
