"""A new password: by a mailed link when the old one is forgotten, or by the old one."""

from datetime import datetime, timedelta

from accounts import throttle
from accounts.address_requests import keep_request, take_request
from accounts.links import LinkReplaced, issue_link, redeem_link, replace_links
from accounts.models import Account
from accounts.passwords import hash_password, is_password, require_acceptable
from accounts.people import account_of, account_with, address_digest, recipient
from accounts.sessions import end_sessions_of
from accounts.sign_in import forget_wrong_passwords
from core import audit
from core.clock import now
from core.errors import Invalid
from core.jobs import job
from notices.outbox import send

PURPOSE = "reset_password"
RESET_PAGE = "new-password"
LIFETIME = timedelta(minutes=60)
KIND = "reset_password"
OLD_PASSWORD_TRIES, OLD_PASSWORD_WINDOW = 10, timedelta(minutes=15)


class WrongPassword(Invalid):
    code, detail = "wrong_password", "The current password is not right."


def ask_for_reset(email: str, *, now: datetime) -> None:
    """Mail a link, if there is an account. Says nothing about whether there is."""
    send_reset.enqueue(request_id=keep_request(KIND, {"email": email}, now=now))


@job("accounts.send_reset")
def send_reset(request_id: int) -> None:
    taken = take_request(KIND, request_id)
    account = account_with(taken[0]["email"]) if taken else None
    if taken is None or account is None or account.disabled_at is not None:
        return
    at = now()
    facts = {"page": RESET_PAGE, "token": reset_secret(account, now=at), "minutes": int(LIFETIME.total_seconds() // 60)}
    once = f"reset_password:{taken[2]}"
    to = recipient(account)
    send(to, kind="accounts.reset_password", template="accounts/reset_password", facts=facts, once=once, now=at, person_id=account.person_id)


def reset_secret(account: Account, *, now: datetime) -> str:
    return issue_link(PURPOSE, account.person_id, lifetime=LIFETIME, now=now, subject={"address": address_digest(account.email)})


def reset_password(secret: str, password: str, *, now: datetime) -> Account:
    """Set a new password by link. All sessions end, wrong tries are forgotten, and the address is confirmed: only its mailbox had the link.

    Gone (see `links.redeem_link`), also when the account has another address by now; Invalid for a password that is refused, which keeps the link.
    """
    link = redeem_link(PURPOSE, secret, now=now)
    account = account_of(link.person_id)
    if account is None or account.disabled_at is not None or link.subject["address"] != address_digest(account.email):
        raise LinkReplaced
    set_password(account, password, field="password", now=now)
    account.email_confirmed_at = account.email_confirmed_at or now
    end_sessions_of(account.person_id, now=now)
    forget_wrong_passwords(account.email)
    audit.record("accounts.password_reset", subject=("person", account.person_id), actor=account.person_id)
    return account


def change_password(person_id: int, *, current: str, new: str, session_id: int | None, now: datetime) -> Account:
    """Set a new password by the old one. All other sessions end. WrongPassword (counted), Invalid for a password that is refused."""
    throttle.count_attempt(f"old_password:{person_id}", limit=OLD_PASSWORD_TRIES, window=OLD_PASSWORD_WINDOW, now=now)
    account = account_of(person_id)
    if account is None or not is_password(current, account.password_hash):
        raise WrongPassword(errors={"current": [WrongPassword.detail]})
    set_password(account, new, field="new", now=now)
    end_sessions_of(person_id, now=now, but=session_id)
    audit.record("accounts.password_changed", subject=("person", person_id))
    return account


def set_password(account: Account, password: str, *, field: str, now: datetime) -> None:
    """Replace it, and write that it was; links to choose one stop working. Invalid for a password that is refused. Sessions are the caller's to end."""
    require_acceptable(password, personal=(account.email, account.person.name), field=field)
    account.password_hash = hash_password(password)
    replace_links(PURPOSE, account.person_id, now=now)
    once = f"password_changed:{account.person_id}:{now.isoformat()}"
    to = recipient(account)
    send(to, kind="accounts.password_changed", template="accounts/password_changed", facts={"at": now}, once=once, now=now, person_id=account.person_id)
