"""Sign this browser in: the try in one transaction, the password with none open, the session in a second one. For the API and for the page."""

from dataclasses import dataclass

from flask import after_this_request, request

from accounts import identity, sign_in, throttle
from accounts.known_browser import browser_here, know_browser
from core.access import caller
from core.clock import now
from core.db import transaction


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who, and the CSRF token of the new session."""

    person_id: int
    csrf_token: str


def sign_in_here(email: str, password: str) -> SignedIn:
    """Set the cookies of the answer; a session that this browser had ends. Refusals are those of `sign_in`."""
    with transaction():
        attempt = sign_in.begin_sign_in(email, origin=throttle.origin_of(request.remote_addr), browser=browser_here(), now=now())
    is_right = attempt.is_right(password)
    with transaction():
        account, reference = sign_in.finish_sign_in(attempt, password=password, is_right=is_right, ends=caller().session_id, now=now())
        person_id, password_hash = account.person_id, account.password_hash
    identity.remember_browser(reference)
    after_this_request(lambda response: know_browser(response, email, password_hash))
    return SignedIn(person_id, identity.token_of(reference))
