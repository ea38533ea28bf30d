"""Sign in and out. The try is counted and committed first, the password is checked with no transaction open, then the session begins.

An unknown address and a wrong password get the same answer after the same work.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from accounts import throttle
from accounts.known_browser import KnownBrowser
from accounts.models import Account
from accounts.passwords import hash_password, is_outdated, is_password
from accounts.people import account_with
from accounts.roles import roles_of
from accounts.sessions import end_session, start_session
from core import audit
from core.db import db
from core.errors import Forbidden, Unauthenticated

log = structlog.get_logger()
FROM_ONE_ORIGIN = 100
ORIGIN_WINDOW = timedelta(minutes=15)


class WrongCredentials(Unauthenticated):
    code, detail = "wrong_credentials", "The address or the password is not right."


class AccountDisabled(Forbidden):
    code, detail = "account_disabled", "This account is closed. Please write to us if you think it should not be."


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted try. `password_hash` is None for an address that nobody has."""

    email: str
    browser: str | None
    person_id: int | None
    password_hash: str | None

    def is_right(self, password: str) -> bool:
        """Takes its time, on purpose, and the same for everyone: call it with no transaction open."""
        return is_password(password, self.password_hash)


def begin_sign_in(email: str, *, origin: str, browser: KnownBrowser | None, now: datetime) -> Attempt:
    """Count the try: by origin, and by the address or, for a browser that it signed in from with the password it has now, by that browser. TooMany."""
    throttle.count_attempt(f"sign_in_from:{origin}", limit=FROM_ONE_ORIGIN, window=ORIGIN_WINDOW, now=now)
    account = account_with(email)
    name = browser.name if browser and account and browser.is_known_to(email, account.password_hash) else None
    throttle.begin_try(_key(email, name), now=now)
    return Attempt(email, name, account.person_id if account else None, account.password_hash if account else None)


def finish_sign_in(attempt: Attempt, *, password: str, is_right: bool, ends: int | None, now: datetime) -> tuple[Account, str]:
    """The account and the secret reference of its new session. `ends` is the session that this browser had.

    WrongCredentials; AccountDisabled, told only to somebody who knows the password.
    """
    account = db.session.get(Account, attempt.person_id, with_for_update=True, populate_existing=True) if attempt.person_id and is_right else None
    if account is None or account.password_hash != attempt.password_hash:  # changed in the meantime
        log.warning("sign_in_refused", known_browser=attempt.browser is not None)
        raise WrongCredentials
    if account.disabled_at is not None:
        raise AccountDisabled
    throttle.forget_tries(_key(attempt.email, None), _key(attempt.email, attempt.browser))
    if is_outdated(account.password_hash):
        account.password_hash = hash_password(password)
    if ends is not None:
        end_session(ends, now=now)
    _, reference = start_session(account.person_id, roles=roles_of(account.person_id), now=now)
    audit.record("accounts.signed_in", subject=("person", account.person_id), actor=account.person_id)
    return account, reference


def sign_out(person_id: int, session_id: int, *, now: datetime) -> None:
    end_session(session_id, now=now)
    audit.record("accounts.signed_out", subject=("person", person_id))


def forget_wrong_passwords(email: str) -> None:
    """After a reset: whoever owns the mailbox starts afresh."""
    throttle.forget_tries(_key(email, None))


def _key(email: str, browser: str | None) -> str:
    return f"sign_in:{email}" if browser is None else f"sign_in:{email}:{browser}"
