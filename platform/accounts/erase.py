"""An account is erased for good by its owner: what says who they are, what they wrote and what they answered goes at once, in one transaction.

What the law keeps (payments, refunds, receipts, the books, what was booked and when, who agreed to what) stays under a bare number that leads to nobody.
Each package says what stands in the way, and takes away what it holds; `app.own_data` lists both.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from sqlalchemy import delete, select, update

from accounts import throttle
from accounts.consent import consents_of, withdraw_consent
from accounts.models import Account, MailLink, RoleGrant, SignInSession
from accounts.passwords import is_password
from accounts.people import recipient, require_account
from accounts.reset_password import OLD_PASSWORD_TRIES, OLD_PASSWORD_WINDOW, WrongPassword
from accounts.roles import roles_of
from core import audit
from core.db import db, lock_persons
from core.errors import Conflict
from core.idempotency import StoredAnswer
from notices.models import Notice
from notices.outbox import send

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Obstacle:
    """Why an account cannot be erased yet: a code, and what its owner can do about it."""

    code: str
    text: str


class NotYet(Conflict):
    code, detail = "not_erasable_yet", "This account cannot be erased yet. Nothing was changed."


AT_WORK = Obstacle("at_work", "This account works here as well. Whoever is a therapist announces their last day first; staff give their role back.")
FindObstacle = Callable[[int, datetime], Obstacle | None]
Eraser = Callable[[int, datetime], None]
_obstacles: list[FindObstacle] = []
_erasers: list[Eraser] = []


def before_erasing(find: FindObstacle) -> None:
    """Asked before anything goes. Connecting twice changes nothing."""
    if find not in _obstacles:
        _obstacles.append(find)


def when_erasing(erase: Eraser) -> None:
    """Called in the transaction of the erasure, in the order of connecting."""
    if erase not in _erasers:
        _erasers.append(erase)


def obstacles_of(person_id: int, *, now: datetime) -> Sequence[Obstacle]:
    """Everything that stands in the way now."""
    found = [AT_WORK] if roles_of(person_id) - {"client"} else []
    return [*found, *(obstacle for find in _obstacles if (obstacle := find(person_id, now)) is not None)]


def erase_account(person_id: int, password: str, *, now: datetime) -> None:
    """For good, and at once. WrongPassword (counted); NotYet with every reason, and then nothing has changed."""
    throttle.count_attempt(f"old_password:{person_id}", limit=OLD_PASSWORD_TRIES, window=OLD_PASSWORD_WINDOW, now=now)
    lock_persons(person_id)  # nothing is booked between what stands in the way and the erasure
    account = require_account(person_id)
    db.session.execute(select(Account.person_id).where(Account.person_id == person_id).with_for_update())
    if not is_password(password, account.password_hash):
        raise WrongPassword(errors={"password": [WrongPassword.detail]})
    reasons = obstacles_of(person_id, now=now)
    if reasons:
        raise NotYet(extra={"reasons": [{"code": each.code, "text": each.text} for each in reasons]})
    to = recipient(account)
    erase(account, now=now)
    # The last letter is of nobody: it goes out, and is forgotten like every letter.
    send(to, kind="accounts.erased", template="accounts/erased", facts={"at": now}, once=f"erased:{person_id}", now=now)


def erase(account: Account, *, now: datetime, reason: str | None = None) -> None:
    """Nobody is asked, and nothing stands in the way: the caller has looked, under the person's lock. That it was done stays in two places: the audit row, and
    a line of the log, which outlives a database that is restored from before it (`erase_again`).
    """
    person_id, public_id = account.person_id, account.person.public_id
    for held in consents_of(person_id):
        if held.withdrawn_at is None:
            withdraw_consent(person_id, held.purpose, now=now)
    for take_away in _erasers:
        take_away(person_id, now)
    _erase_here(account)
    audit.record("accounts.erased", subject=("person", person_id), actor=person_id, reason=reason)
    log.info("account_erased", person=str(public_id))


def _erase_here(account: Account) -> None:
    person_id = account.person_id
    db.session.execute(update(Notice).where(Notice.person_id == person_id).values(letter_sealed=None))
    account.person.name = None
    for model in (MailLink, SignInSession, RoleGrant, Account):
        db.session.execute(delete(model).where(model.person_id == person_id))
    db.session.execute(delete(StoredAnswer).where(StoredAnswer.caller_person_id == person_id))
    db.session.flush()
