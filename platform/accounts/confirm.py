"""Confirm a mail address by the link that was sent to it, and by the password that counts from then on.

Whoever signed up may have been somebody else: after the confirmation the password is one that the reader of the mailbox knows, and nobody who does not is
signed in.
"""

from datetime import datetime, timedelta

from accounts.address_requests import keep_request, take_request
from accounts.links import LinkReplaced, issue_link, redeem_link
from accounts.models import Account
from accounts.passwords import is_password
from accounts.people import account_of, account_with, address_digest, recipient
from accounts.reset_password import set_password
from accounts.sessions import end_sessions_of
from accounts.sign_in import forget_wrong_passwords
from core import audit
from core.clock import now
from core.jobs import job
from notices.outbox import send

PURPOSE = "confirm_address"
PAGE = "confirm-address"
AGAIN_PAGE = f"{PAGE}/again"
LIFETIME = timedelta(hours=48)
KIND = "confirm_again"


def send_confirmation(account: Account, *, once: str, now: datetime) -> None:
    """Mail a new link; older ones stop working."""
    secret = issue_link(PURPOSE, account.person_id, lifetime=LIFETIME, now=now, subject={"address": address_digest(account.email)})
    facts = {"page": PAGE, "token": secret, "hours": int(LIFETIME.total_seconds() // 3600)}
    to = recipient(account)
    send(to, kind="accounts.confirm_address", template="accounts/confirm_address", facts=facts, once=once, now=now, person_id=account.person_id)


def ask_for_confirmation(email: str, *, now: datetime) -> None:
    """Send the link again, if there is an account that waits for it. Says nothing about whether there is."""
    confirm_again.enqueue(request_id=keep_request(KIND, {"email": email}, now=now))


@job("accounts.confirm_again")
def confirm_again(request_id: int) -> None:
    taken = take_request(KIND, request_id)
    account = account_with(taken[0]["email"]) if taken else None
    if taken and account and account.email_confirmed_at is None and account.disabled_at is None:
        send_confirmation(account, once=f"confirm_address:{taken[2]}", now=now())


def confirm_address(secret: str, password: str, *, now: datetime) -> Account:
    """The address is confirmed. `password` is the one of the sign-up, or takes its place and ends every session. Signs nobody in.

    Gone (see `links.redeem_link`), also when the account has another address by now; Invalid for a new password that is refused, which keeps the link.
    Where the address is confirmed already, nothing changes.
    """
    link = redeem_link(PURPOSE, secret, now=now)
    account = account_of(link.person_id)
    if account is None or account.disabled_at is not None or link.subject["address"] != address_digest(account.email):
        raise LinkReplaced
    if account.email_confirmed_at is None:
        if not is_password(password, account.password_hash):
            set_password(account, password, field="password", now=now)
            end_sessions_of(account.person_id, now=now)
            forget_wrong_passwords(account.email)
        account.email_confirmed_at = now
        audit.record("accounts.address_confirmed", subject=("person", account.person_id), actor=account.person_id)
    return account
