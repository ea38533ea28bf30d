"""A browser that signed in before is counted apart from strangers, so that strangers' wrong guesses cannot keep the owner out.

The cookie is signed, lasts half a year, proves nothing but that a sign-in with this address succeeded here, and only changes which count a try belongs
to. (The idea is known as device cookies: OWASP, "Slow down online guessing attacks with device cookies".)
"""

import hashlib
import hmac
import secrets

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

HALF_A_YEAR = 182 * 86_400


def known_browser(email: str) -> str | None:
    """The random name of this browser if this address signed in here before."""
    cookie = request.cookies.get(_name())
    if not cookie:
        return None
    try:
        kept = _serializer().loads(cookie, max_age=HALF_A_YEAR)
        is_theirs = hmac.compare_digest(kept["for"], _tag(email, kept["name"]))
    except (BadData, KeyError, TypeError, AttributeError):
        return None
    return kept["name"] if is_theirs else None


def know_browser(response: Response, email: str) -> Response:
    """From now on this browser is known for this address."""
    name = secrets.token_urlsafe(16)
    value = _serializer().dumps({"name": name, "for": _tag(email, name)})
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(_name(), str(value), max_age=HALF_A_YEAR, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def _tag(email: str, name: str) -> str:
    """Says for whom without saying who: somebody else at the same machine cannot read an address in it."""
    return hmac.new(str(current_app.secret_key).encode(), f"known-browser\0{name}\0{email}".encode(), hashlib.sha256).hexdigest()


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known-browser", signer_kwargs={"digest_method": hashlib.sha256})
