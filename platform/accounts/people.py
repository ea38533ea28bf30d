"""Persons, their accounts, and how to reach them."""

import hashlib
import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.models import Account, Person
from core.db import db
from core.errors import NotFound
from notices.recipient import Recipient


def new_person(*, now: datetime, name: str | None = None, locale: str = "en", zone: str = "UTC") -> Person:
    """Somebody whose time or data we hold; need not have an account. The row has its id when this returns."""
    person = Person(public_id=uuid.uuid4(), locale=locale, zone=zone, created_at=now)
    person.name = name
    db.session.add(person)
    db.session.flush()
    return person


def new_account(person: Person, *, email: str, password_hash: str, now: datetime, confirmed_at: datetime | None = None) -> Account:
    """An account for the person. `email` as `address.normal_address` gives it; somebody else's is SQLSTATE 23505."""
    account = Account(person_id=person.id, email=email, password_hash=password_hash, email_confirmed_at=confirmed_at, created_at=now)
    account.person = person
    db.session.add(account)
    db.session.flush()
    return account


def public_id_of(person_id: int) -> uuid.UUID:
    """What a person is called outside."""
    return db.session.execute(select(Person.public_id).where(Person.id == person_id)).scalar_one()


def person_named(public_id: object) -> Person | None:
    return db.session.execute(select(Person).where(Person.public_id == public_id)).scalar_one_or_none()


def account_of(person_id: int) -> Account | None:
    """With its person."""
    return db.session.execute(select(Account).where(Account.person_id == person_id).options(joinedload(Account.person))).scalar_one_or_none()


def require_account(person_id: int) -> Account:
    """With its person; NotFound without an account."""
    account = account_of(person_id)
    if account is None:
        raise NotFound
    return account


def edit_person(person: Person, **changes: str | None) -> None:
    """`name` (None takes it away), `locale`, `zone`; what is not named stays."""
    for field in ("name", "locale", "zone"):
        if field in changes:
            setattr(person, field, changes[field])
    db.session.flush()


def account_with(email: str) -> Account | None:
    """With its person."""
    return db.session.execute(select(Account).where(Account.email == email).options(joinedload(Account.person))).scalar_one_or_none()


def recipient_of(person_id: int) -> Recipient | None:
    """Where mail for this person goes; None without an account or without a confirmed address."""
    account = account_of(person_id)
    return None if account is None or account.email_confirmed_at is None else recipient(account)


def recipient(account: Account) -> Recipient:
    """Also when the address is not confirmed yet: only for mail that is about the address itself."""
    return Recipient(account.email, account.person.locale, account.person.zone)


def address_digest(email: str) -> str:
    """Ties a mailed link to the address it went to, without repeating the address."""
    return hashlib.sha256(email.encode()).hexdigest()
