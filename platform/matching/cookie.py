"""The cookie that lets one browser of a guest back to its own answers: an opaque secret, no personal data, gone with the browser session."""

from flask import Response, current_app, request

from core.access import caller
from matching.intake import Visitor

LONGEST = 200


def visitor() -> Visitor:
    """Who asks, as the acts want to know it."""
    secret = request.cookies.get(_name())
    return Visitor(secret if secret and len(secret) <= LONGEST else None, caller().person_id)


def remember(response: Response, secret: str) -> Response:
    response.set_cookie(_name(), secret, httponly=True, secure=_is_secure(), samesite="Lax", path="/")
    return response


def forget(response: Response) -> Response:
    response.delete_cookie(_name(), httponly=True, secure=_is_secure(), samesite="Lax", path="/")
    return response


def _name() -> str:
    return "__Host-intake" if _is_secure() else "intake"


def _is_secure() -> bool:
    return bool(current_app.config["SESSION_COOKIE_SECURE"])
