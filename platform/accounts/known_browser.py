"""A browser that signed in before is counted apart from strangers, so that strangers' wrong guesses cannot keep the owner out.

The cookie is signed, lasts half a year or until the password changes, proves nothing but that a sign-in with this address succeeded here, and only changes
which count a try belongs to. (The idea is known as device cookies: OWASP, "Slow down online guessing attacks with device cookies".)
"""

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from flask import Response, current_app, request
from itsdangerous import BadData, URLSafeTimedSerializer

HALF_A_YEAR = 182 * 86_400


@dataclass(frozen=True, slots=True)
class KnownBrowser:
    """What the cookie says, whoever it may be for: a random `name`, and a `tag` that only somebody's address and password make."""

    name: str
    tag: str

    def is_known_to(self, email: str, password_hash: str) -> bool:
        """Whether this address signed in here, with the password that it has now: a cookie that was taken along dies with the password."""
        return hmac.compare_digest(self.tag, _tag(email, password_hash, self.name))


def browser_here() -> KnownBrowser | None:
    """What this browser says about itself, if we said it."""
    cookie = request.cookies.get(_name())
    if not cookie:
        return None
    try:
        kept = _serializer().loads(cookie, max_age=HALF_A_YEAR)
        return KnownBrowser(kept["name"], kept["for"]) if type(kept["name"]) is type(kept["for"]) is str else None
    except (BadData, KeyError, TypeError):
        return None


def know_browser(response: Response, email: str, password_hash: str) -> Response:
    """From now on this browser is known for this address, until its password is another one."""
    name = secrets.token_urlsafe(16)
    value = _serializer().dumps({"name": name, "for": _tag(email, password_hash, name)})
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(_name(), str(value), max_age=HALF_A_YEAR, secure=secure, httponly=True, samesite="Lax", path="/")
    return response


def _tag(email: str, password_hash: str, name: str) -> str:
    """Says for whom without saying who: somebody else at the same machine cannot read an address in it. The hash of a password, salted anew each time it is
    set, is its version.
    """
    said = "\0".join(("known-browser", name, email, password_hash))
    return hmac.new(str(current_app.secret_key).encode(), said.encode(), hashlib.sha256).hexdigest()


def _name() -> str:
    return "__Host-known" if current_app.config["SESSION_COOKIE_SECURE"] else "known"


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="known-browser", signer_kwargs={"digest_method": hashlib.sha256})
