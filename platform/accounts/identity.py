"""Who is calling: Flask-Login around our session rows, and the two questions asked of every unsafe request.

The cookie is signed and holds only the random reference of a session row. `session_protection` stays off (it would sign people out whose network
changes), and "remember me" is not used: a session lasts as `sessions.LIMITS` say.

Unsafe requests must come from our own pages (Origin, or what stands in for it), and a signed-in browser must also send the token that belongs to its
session. The token is derived from the reference, so it needs no storage, cannot be planted, and dies with the session.
"""

import hashlib
import hmac
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import structlog
from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface, SessionMixin
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy.exc import SQLAlchemyError

from accounts import passwords
from accounts.sessions import SEEN_EVERY, LiveSession, live_session, note_seen, session_row
from core.access import NOBODY, Caller, forget_caller
from core.clock import now
from core.db import transaction
from core.dispatch import SAFE_METHODS
from core.errors import Forbidden
from core.http import takes_file_form

log = structlog.get_logger()
REFERENCE = "_user_id"  # Flask-Login's name for what get_id gave
TOKEN_HEADER, TOKEN_FIELD = "X-CSRF-Token", "csrf_token"
HERE = frozenset({"localhost", "127.0.0.1"})


class ForeignOrigin(Forbidden):
    code, detail = "foreign_origin", "This request came from another site."


class TokenNeeded(Forbidden):
    code, detail = "csrf_token_needed", "The request has no valid token of this session. Load the page again, or read the token at GET /api/v1/session."


class Visitor:
    """Flask-Login's user: the holder of a session reference."""

    is_authenticated = True
    is_active = True
    is_anonymous = False

    def __init__(self, reference: str, live: LiveSession | None) -> None:
        self.reference, self.live = reference, live

    def get_id(self) -> str:
        return self.reference


class OnlyWithCookie(SecureCookieSessionInterface):
    """Flask's sessions; a request without a cookie makes no key to look into it, and looks for nothing to save."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        if self.get_cookie_name(app) not in request.cookies and app.secret_key:
            return self.session_class()
        return super().open_session(app, request)

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        if session or session.modified:
            super().save_session(app, session, response)
        elif session.accessed and "Cookie" not in response.headers.get("Vary", ""):
            response.vary.add("Cookie")


def init_app(app: Flask) -> None:
    """The cookie's name and attributes are the assembly's: `__Host-session` and Secure in production, HttpOnly and SameSite=Lax everywhere."""
    app.config.update(SESSION_COOKIE_PATH="/", SESSION_PROTECTION=None, REMEMBER_COOKIE_REFRESH_EACH_REQUEST=False)
    app.session_interface = OnlyWithCookie()
    manager = LoginManager()
    manager.session_protection = None
    manager.user_loader(_visitor)
    manager.init_app(app)
    passwords.init_app(app)
    app.before_request(_begin_afresh)
    app.after_request(_note_seen)


def load_caller() -> Caller:
    """Asked once per request, by `core.access.caller`."""
    if REFERENCE not in session:
        return NOBODY
    live = getattr(current_user, "live", None)
    if live is None:
        return NOBODY
    return Caller(live.person_id, live.roles, live.email_confirmed, live.id)


def remember_browser(reference: str) -> None:
    """Sign this browser in: a new, empty cookie session that holds the reference."""
    session.clear()
    login_user(Visitor(reference, None))
    session.pop("_id", None)  # Flask-Login's digest of network address and browser, of which we make no use
    _forget_visitor()


def forget_browser() -> None:
    logout_user()
    session.clear()
    forget_caller()


def csrf_token() -> str | None:
    """The token of this browser's session; None for somebody who is not signed in."""
    if load_caller().session_id is None:
        return None
    return token_of(session[REFERENCE])


def token_of(reference: str) -> str:
    return hmac.new(reference.encode(), b"csrf", hashlib.sha256).hexdigest()


def check_origin_and_csrf() -> None:
    """A guard before every view. Forbidden `foreign_origin` or `csrf_token_needed`; safe methods pass."""
    if request.method in SAFE_METHODS:
        return
    if not _comes_from_us():
        raise ForeignOrigin
    due = csrf_token()
    if due is not None and not hmac.compare_digest(due.encode(), _sent_token().encode()):
        raise TokenNeeded


def _sent_token() -> str:
    sent = request.headers.get(TOKEN_HEADER)
    if sent is None and (request.mimetype == "application/x-www-form-urlencoded" or takes_file_form()):
        sent = request.form.get(TOKEN_FIELD)
    return sent or ""


def _comes_from_us() -> bool:
    """Browsers say where a request comes from; a program that says nothing holds no browser's cookies, and a session needs its token anyway."""
    origin = request.headers.get("Origin")
    if origin is not None:
        return _is_ours(origin)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        return False
    referer = request.headers.get("Referer")
    return referer is None or _is_ours(referer)


def _is_ours(address: str) -> bool:
    # On a development machine people type either name of it.
    return _is_same_site(address, current_app.config["BASE_URL"], either_name=current_app.config["ENVIRONMENT"] == "development")


@lru_cache(maxsize=1024)
def _is_same_site(address: str, base: str, *, either_name: bool) -> bool:
    try:
        theirs, ours = urlsplit(address), urlsplit(base)
        if (theirs.scheme, theirs.port) != (ours.scheme, ours.port):
            return False
    except ValueError:
        return False
    return theirs.hostname == ours.hostname or (either_name and {theirs.hostname, ours.hostname} <= HERE)


def _visitor(reference: str) -> Visitor | None:
    live = live_session(session_row(reference), now=now())
    if live is None:
        return None
    if now() - live.last_seen_at >= SEEN_EVERY:
        g.session_to_note = live.id
    return Visitor(reference, live)


def _begin_afresh() -> None:
    """An application context may outlive a request (commands, tests); who called last must not answer for who calls now."""
    _forget_visitor()
    g.pop("session_to_note", None)


def _forget_visitor() -> None:
    g.pop("_login_user", None)
    forget_caller()


def _note_seen(response: Response) -> Response:
    """In a short transaction of its own: the request's may be READ ONLY, and one that was refused is rolled back."""
    session_id: Any = g.pop("session_to_note", None)
    if session_id is not None:
        try:
            with transaction():
                note_seen(session_id, now=now())
        except SQLAlchemyError as error:
            log.warning("session_not_noted", error=type(error).__name__)
    return response
