"""A payee's account with the processor: begun here, filled in on the processor's own pages, and believed only as it is read there."""

import uuid
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from payments import processor_facts as said
from payments.collection.choose import tell_collection
from payments.collection.countries import online_countries
from payments.collection.models import ConnectedAccount
from payments.collection.ways import Setup


class CountryNotServed(Conflict):
    code = "country_not_served"
    detail = "Our card processor has no accounts in this country. You can send invoices of your own instead: choose therapist_invoices."


class OtherCountry(Conflict):
    code, detail = "other_country", "Your account was begun in another country, and that cannot change. Write to us if you have moved."


def begin_account(person_id: int, country: str, *, now: datetime) -> ConnectedAccount:
    """The payee's account, begun if there is none; its row is locked. CountryNotServed, OtherCountry."""
    if country not in online_countries():
        raise CountryNotServed
    known = _locked(ConnectedAccount.person_id == person_id)
    if known is not None:
        if known.country != country:
            raise OtherCountry
        known.key = known.key or _key_of(known)
        return known
    account = ConnectedAccount(public_id=uuid.uuid4(), person_id=person_id, country=country, state="begun", begun_at=now)
    account.key = _key_of(account)
    db.session.add(account)
    db.session.flush()
    audit.record("payments.account_begun", subject=("person", person_id), reason=country)
    return account


def unnamed_account(person_id: int) -> ConnectedAccount | None:
    """The payee's account, locked, while nobody has heard its name; None once it has one."""
    account = _locked(ConnectedAccount.person_id == person_id)
    return account if account is not None and account.reference is None else None


def name_account(person_id: int, told: said.ConnectedAccount) -> str:
    """Keep what the processor calls it, the first time; what it is called."""
    account = _locked(ConnectedAccount.person_id == person_id)
    if account is None:
        raise NotFound
    account.reference = account.reference or told.id
    db.session.flush()
    return account.reference


def apply_account(told: said.ConnectedAccount, *, now: datetime) -> Setup | None:
    """How it stands there is how it stands here; whoever listens hears it. None for an account that is not ours."""
    account = _locked(ConnectedAccount.reference == told.id)
    if account is None:
        return None
    before = account.state
    account.state = state_of(told)
    account.still_due, account.looked_at = sorted(told.currently_due), now
    db.session.flush()
    if account.state != before:
        audit.record("payments.account_changed", subject=("person", account.person_id), reason=account.state)
    return tell_collection(account.person_id)


def state_of(told: said.ConnectedAccount) -> str:
    """Enabled when money can be sent to it and leave it for a bank; restricted when it was filled in and cannot; else only begun."""
    if told.transfers_active and told.payouts_enabled:
        return "enabled"
    return "restricted" if told.details_submitted else "begun"


def account_of(person_id: int) -> ConnectedAccount | None:
    return db.session.get(ConnectedAccount, person_id, populate_existing=True)


def _key_of(account: ConnectedAccount) -> str:
    return f"account:{account.public_id}"


def _locked(which: object) -> ConnectedAccount | None:
    wanted = select(ConnectedAccount).where(which)  # type: ignore[arg-type]
    return db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
