"""`create_app`: everything that is plugged in, in one visible list each."""

import importlib
import importlib.util
from types import ModuleType
from typing import Any

import flask_smorest
from flask import Flask, Response, current_app, request
from flask_migrate import Migrate

import accounts.consent
import app.commands
import app.health
import app.pages
import matching.clear
from app.settings import Settings, read_settings
from core import access, jobs
from core.crypto import use_keys
from core.db import db
from core.dispatch import Application, handle_errors, name_request
from core.http import ProblemSchema, refuse_unexpected

LARGEST_BODY = 1_000_000  # bytes
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 2, "connect_args": {"connect_timeout": 2}}


def _soon(name: str) -> ModuleType | None:
    """Scaffolding while packages are being written."""
    try:
        return importlib.import_module(name) if importlib.util.find_spec(name) else None
    except ModuleNotFoundError:
        return None


def create_app(settings: Settings | None = None) -> Application:
    """The application for web, worker and commands. Refuses to start when a route declares no access."""
    settings = settings or read_settings()
    application = Application("attune", root_path=str(app.pages.HERE), static_folder="static", template_folder="templates")
    _configure(application, settings)
    use_keys(settings.field_keys)
    db.init_app(application)
    Migrate(application, db, directory=str(app.commands.MIGRATIONS))
    jobs.init_app(application)
    handle_errors(application)
    app.commands.init_app(application)
    guards = [_refuse_unexpected]
    if identity := _soon("accounts.identity"):
        identity.init_app(application)
        guards.append(identity.check_origin_and_csrf)
        access.load_callers_with(application, identity.load_caller)
    if transport := _soon("notices.transport"):
        transport.init_app(application)
    application.extensions["guards"] = tuple(guards)
    for name in ("booking.jobs", "matching.jobs", "accounts.jobs", "notices.outbox"):
        _soon(name)
    _connect()
    _plug_in_routes(application)
    if missing := access.undeclared(application):
        raise RuntimeError(f"routes without an access declaration: {', '.join(missing)}")
    return application


def _connect() -> None:
    """News that travels upward: who hears of what, in one list."""
    accounts.consent.when_withdrawn(matching.clear.forget_when_withdrawn)


def _configure(application: Flask, settings: Settings) -> None:
    application.config.update(
        ENVIRONMENT=settings.environment,
        SECRET_KEY=settings.secret_key,
        BASE_URL=settings.base_url,
        SMTP_URL=settings.smtp_url,
        MAIL_FROM=settings.mail_from,
        CALENDAR_ADDRESS=settings.calendar_address,
        MAILBOX_DIR=settings.mailbox_dir,
        DIRECT_DATABASE_URL=settings.direct_database_url,
        MIGRATION_DATABASE_URL=settings.migration_database_url,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=POOL,
        MAX_CONTENT_LENGTH=LARGEST_BODY,
        SESSION_COOKIE_NAME="__Host-session" if settings.is_production else "session",
        SESSION_COOKIE_SECURE=settings.is_production,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        API_TITLE="Attune",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        JSON_SORT_KEYS=False,
    )
    application.before_request(name_request)
    application.after_request(_harden)


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest with our problem document in place of its error body; refusals are answered by `core.dispatch`."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """`core.dispatch.handle_errors` has done it."""

    def _register_responses(self) -> None:
        content = {"application/problem+json": {"schema": self.ERROR_SCHEMA}}
        for name, text in (("DEFAULT_ERROR", "A refusal"), ("UNPROCESSABLE_ENTITY", "Something in the request cannot be used")):
            self.spec.components.response(name, {"description": text, "content": content}, lazy=True)


def _plug_in_routes(application: Flask) -> None:
    api = Api(application)
    for package in ("accounts", "taxonomy", "therapists", "care", "desk", "matching", "booking"):
        routes = _soon(f"{package}.routes")
        for blueprint in getattr(routes, "blueprints", None) or filter(None, [getattr(routes, "blueprint", None)]):
            api.register_blueprint(blueprint)
    for blueprint in (app.pages.blueprint, app.health.blueprint):
        application.register_blueprint(blueprint)
    for name in ("notices.pages", "accounts.pages", "matching.pages"):
        if pages := _soon(name):
            application.register_blueprint(pages.blueprint)
    application.extensions["openapi"] = api.spec


def _refuse_unexpected() -> None:
    assert request.endpoint is not None
    refuse_unexpected(current_app.view_functions[request.endpoint])


# No third-party origin in any page; nothing of ours inside somebody else's frame.
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


def _harden(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("Vary", "Cookie")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
    return response
