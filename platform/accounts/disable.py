"""Close an account to its owner, and open it again. Holds from the next request on."""

from datetime import datetime

from accounts.people import require_account
from accounts.sessions import end_sessions_of
from core import audit


def disable_account(person_id: int, *, reason: str, now: datetime) -> None:
    """Sign-in is refused, every session ends. `reason` is a code. NotFound without an account."""
    account = require_account(person_id)
    account.disabled_at = now
    end_sessions_of(person_id, now=now)
    audit.record("accounts.disabled", subject=("person", person_id), reason=reason)


def enable_account(person_id: int, *, reason: str) -> None:
    """Sign-in works again; ended sessions stay ended. NotFound without an account."""
    account = require_account(person_id)
    account.disabled_at = None
    audit.record("accounts.enabled", subject=("person", person_id), reason=reason)
