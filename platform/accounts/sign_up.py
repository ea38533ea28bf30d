"""Sign up. The answer is the same for every address; what happens next is in the mailbox.

A new address gets an account and a link to confirm it. An address that is confirmed is told that somebody tried. One that was signed up and never
confirmed gets a link to set a password: whoever signed it up first may have been somebody else, and their password must not outlive the confirmation.
"""

from datetime import datetime
from typing import Any

from accounts.address_requests import keep_request, take_request
from accounts.confirm import send_confirmation
from accounts.consent import give_consent, require_current_texts
from accounts.models import Account
from accounts.passwords import hash_password, require_acceptable
from accounts.people import account_with, new_account, new_person, recipient
from accounts.reset_password import RESET_PAGE, reset_secret
from accounts.roles import grant_role
from core import audit
from core.clock import now
from core.jobs import job
from notices.outbox import send

KIND = "sign_up"


def sign_up(*, email: str, password: str, name: str | None, locale: str, zone: str, consents: dict[str, str], now: datetime) -> None:
    """Keep the wish and enqueue its answer. `consents` are purpose: text version. Invalid for a password or a text that is refused."""
    require_acceptable(password, personal=(email, name))
    require_current_texts(consents)
    facts = {"email": email, "password_hash": hash_password(password), "name": name, "locale": locale, "zone": zone, "consents": consents}
    answer_sign_up.enqueue(request_id=keep_request(KIND, facts, now=now))


@job("accounts.answer_sign_up")
def answer_sign_up(request_id: int) -> None:
    """Two at once for one new address: the second meets the first's row (23505) and is repeated by the queue."""
    taken = take_request(KIND, request_id)
    if taken is None:
        return
    facts, asked_at, key = taken
    account = account_with(facts["email"])
    if account is None:
        account = _new_account(facts, asked_at)
        send_confirmation(account, once=f"confirm_address:{key}", now=now())
    elif account.disabled_at is None:
        _tell_owner(account, once=f"sign_up_again:{key}", now=now())


def _new_account(facts: dict[str, Any], asked_at: datetime) -> Account:
    person = new_person(now=asked_at, name=facts["name"], locale=facts["locale"], zone=facts["zone"])
    account = new_account(person, email=facts["email"], password_hash=facts["password_hash"], now=asked_at)
    grant_role(person.id, "client", now=asked_at)
    for purpose, version in facts["consents"].items():
        give_consent(person.id, purpose, text_version=version, now=asked_at)
    audit.record("accounts.signed_up", subject=("person", person.id), actor=person.id)
    return account


def _tell_owner(account: Account, *, once: str, now: datetime) -> None:
    if account.email_confirmed_at is None:
        facts, template = {"page": RESET_PAGE, "token": reset_secret(account, now=now)}, "accounts/finish_sign_up"
    else:
        facts, template = {}, "accounts/address_in_use"
    send(recipient(account), kind="accounts.sign_up_again", template=template, facts=facts, once=once, now=now, person_id=account.person_id)
