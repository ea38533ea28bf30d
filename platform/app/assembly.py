"""`create_app`: settings, guards, and everything that `doors` lists and `connections` connects."""

from functools import partial
from typing import Any

import flask_smorest
from flask import Flask, Response, current_app, request
from flask_migrate import Migrate
from werkzeug.middleware.proxy_fix import ProxyFix

import accounts.identity
import accounts.sign_in_page
import app.commands
import app.pages
import app.refused
import notices.transport
from app.at_start import begin_reading
from app.connections import connect
from app.doors import API, PAGES
from app.settings import Settings, read_settings
from core import access, jobs, logs
from core.crypto import use_keys
from core.db import db
from core.dispatch import Application, handle_errors, name_request
from core.http import ProblemSchema, refuse_unexpected

LARGEST_BODY = 1_000_000  # bytes
POOL: dict[str, Any] = {"pool_size": 10, "max_overflow": 10, "pool_timeout": 2, "connect_args": {"connect_timeout": 2}, "hide_parameters": True}


def create_app(settings: Settings | None = None) -> Application:
    """The application for web, worker and commands. Refuses to start when a route declares no access."""
    settings = settings or read_settings()
    application = Application("attune", root_path=str(app.pages.HERE), static_folder="static", template_folder="templates")
    if settings.environment != "test":
        logs.configure(as_json=settings.is_production)
    _configure(application, settings)
    # Throttles count by origin: behind a router every caller would otherwise be the router.
    application.wsgi_app = ProxyFix(application.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    use_keys(settings.field_keys)
    db.init_app(application)
    Migrate(application, db, directory=str(app.commands.MIGRATIONS))
    jobs.init_app(application)
    handle_errors(application, app.refused.refused_page)
    accounts.sign_in_page.init_app(application)
    app.commands.init_app(application)
    accounts.identity.init_app(application)
    notices.transport.init_app(application)
    application.extensions["guards"] = (_refuse_unexpected, accounts.identity.check_origin_and_csrf)
    access.load_callers_with(application, accounts.identity.load_caller)
    connect()
    application.extensions["at_start"] = (partial(begin_reading, application),)
    _plug_in_routes(application)
    if missing := access.undeclared(application):
        raise RuntimeError(f"routes without an access declaration: {', '.join(missing)}")
    return application


def _configure(application: Flask, settings: Settings) -> None:
    application.config.update(
        ENVIRONMENT=settings.environment,
        SECRET_KEY=settings.secret_key,
        BASE_URL=settings.base_url,
        SMTP_URL=settings.smtp_url,
        MAIL_FROM=settings.mail_from,
        CALENDAR_ADDRESS=settings.calendar_address,
        MAILBOX_DIR=settings.mailbox_dir,
        EVIDENCE_DIR=settings.evidence_dir,
        CLAMD_SOCKET=settings.clamd_socket,
        NPI_REGISTRY_URL=settings.npi_registry_url,
        LOOPBACK_CALENDARS=settings.loopback_calendars,
        ROOM_BASE_URL=settings.room_base_url,
        STRIPE_SECRET_KEY=settings.stripe_secret_key,
        STRIPE_WEBHOOK_SECRETS=settings.stripe_webhook_secrets,
        STRIPE_API_BASE=settings.stripe_api_base,
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
    )
    # Werkzeug would answer a doubled slash with a redirect that repeats whatever Host was sent.
    application.url_map.merge_slashes = False
    application.json.sort_keys = False  # type: ignore[attr-defined]  # a reader meets the fields in the order of the schema
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
    for blueprint in API:
        api.register_blueprint(blueprint)
    for pages in PAGES:
        application.register_blueprint(pages)
    application.extensions["openapi"] = api.spec


def _refuse_unexpected() -> None:
    assert request.endpoint is not None
    refuse_unexpected(current_app.view_functions[request.endpoint])


# No third-party origin in any page; nothing of ours inside somebody else's frame.
POLICY = "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


HARDENED = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Cookie",
}
ONLY_HTTPS = {"Strict-Transport-Security": "max-age=31536000; includeSubDomains"}


def _harden(response: Response) -> Response:
    """What a view has said itself stays."""
    said = {name.lower() for name, _ in response.headers}
    due = HARDENED | ONLY_HTTPS if current_app.config["SESSION_COOKIE_SECURE"] else HARDENED
    response.headers.extend([(name, value) for name, value in due.items() if name.lower() not in said])
    return response
