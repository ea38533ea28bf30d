"""Every route says who may call it, stands in the OpenAPI document, and never answers with our failure."""

import re
from collections.abc import Iterator

import marshmallow as ma
from flask import Flask

from core import access
from core.dates import Day
from core.http import Blueprint, Schema
from tests.browser import Browser

IGNORED_METHODS = {"HEAD", "OPTIONS"}


def test_every_route_declares_who_may_call_it(app: Flask) -> None:
    assert access.undeclared(app) == []


def test_a_route_without_a_declaration_stops_the_start(app: Flask) -> None:
    bare = Flask("bare")
    bare.add_url_rule("/open", "open", lambda: "")
    assert access.undeclared(bare) == ["open"]


def routes_of(app: Flask) -> set[tuple[str, str]]:
    return {
        (method, re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - IGNORED_METHODS
        if rule.rule.startswith("/api/v1")
    }


def test_R84_the_openapi_document_lists_exactly_the_routes(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()
    documented = {(method.upper(), path) for path, item in document["paths"].items() for method in item if method in {"get", "post", "put", "patch", "delete"}}
    assert documented == routes_of(app)
    assert len(documented) > 50


def test_every_date_of_a_schema_is_one_that_can_be_reckoned_with() -> None:
    """`fields.Date` alone takes the years 1 and 9999, with which no zone has instants around them."""

    def of(kind: type[ma.Schema]) -> Iterator[type[ma.Schema]]:
        yield kind
        for each in kind.__subclasses__():
            yield from of(each)

    dates = {(kind.__name__, name): field for kind in of(Schema) for name, field in kind._declared_fields.items() if isinstance(field, ma.fields.Date)}
    assert len(dates) > 30
    assert [each for each, field in dates.items() if not isinstance(field, Day)] == []


def test_every_operation_is_described(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()
    silent = [
        f"{method} {path}" for path, item in document["paths"].items() for method, told in item.items() if isinstance(told, dict) and not told.get("summary")
    ]
    assert silent == []


def test_headers_that_views_look_at_can_be_sent_from_the_page_that_tries_the_api(app: Flask) -> None:
    document = app.extensions["openapi"].to_dict()
    heard = {
        (name, f"{method} {path}")
        for path, item in document["paths"].items()
        for method, told in item.items()
        if isinstance(told, dict)
        for name in [parameter["name"] for parameter in told.get("parameters", ()) if parameter["in"] == "header"]
    }
    assert ("Idempotency-Key", "post /api/v1/bookings") in heard
    edits = {"modalities", "concerns", "languages", "identities", "style", "formats", "hours", "overrides"}
    assert {("If-Match", f"put /api/v1/therapist/{edit}") for edit in edits} | {("If-Match", "patch /api/v1/therapist/profile")} <= heard


def test_safe_methods_run_read_only(app: Flask) -> None:
    """Only routes that record or count reads may write on GET, and those say so."""
    recording = [name for name, view in app.view_functions.items() if (told := access.declaration_of(view)) and told.records_reads]
    known = (
        "verification",
        "evidence",
        "records",
        "case",
        "sudden_stops",
        "affected_bookings",
        "calendar_feed",
        "whereabouts",
        "read_books",
        "export_data",
        "appointment_of_others",
    )
    assert all(any(word in name for word in known) for name in recording), recording


def test_blueprints_of_the_api_use_our_parser(app: Flask) -> None:
    api = [blueprint for name, blueprint in app.blueprints.items() if (blueprint.url_prefix or "").startswith("/api/v1")]
    assert api
    assert all(isinstance(blueprint, Blueprint) for blueprint in api)


def test_pages_have_no_cookie_and_no_foreign_origin(app: Flask) -> None:
    app.test_client_class = Browser
    for page in ("/", "/api/docs"):
        answer = app.test_client().get(page)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "http://" not in answer.text.replace("http://www.w3.org", "")
        assert "https://" not in answer.text


def test_the_files_of_the_docs_page_are_a_closed_set(app: Flask) -> None:
    app.test_client_class = Browser
    client = app.test_client()
    with client.get("/api/docs/swagger-ui.css") as answer:
        assert answer.status_code == 200
    for name in ("index.html", "../__init__.py", "%2e%2e/__init__.py", "swagger-ui.css.map"):
        assert client.get(f"/api/docs/{name}").status_code == 404
