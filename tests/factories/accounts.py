"""Valid persons and accounts. Call inside `transaction()`."""

from datetime import datetime
from itertools import count

from accounts.models import Account, Person
from accounts.passwords import hash_password
from accounts.people import new_account, new_person
from accounts.roles import grant_role
from core.clock import now

PASSWORD = "sparrow-lantern-42-gravel"
_number = count(1)


def a_person(*, name: str | None = "Robin Example", zone: str = "UTC", at: datetime | None = None) -> Person:
    return new_person(now=at or now(), name=name, zone=zone)


def an_account(
    *,
    email: str | None = None,
    password: str = PASSWORD,
    confirmed: bool = True,
    roles: tuple[str, ...] = ("client",),
    name: str | None = "Robin Example",
    zone: str = "UTC",
    person: Person | None = None,
) -> Account:
    """An account with a confirmed address and the role client, unless told otherwise; `.person` is loaded."""
    at = now()
    person = person or new_person(now=at, name=name, zone=zone)
    account = new_account(
        person,
        email=email or f"person{next(_number)}@example.org",
        password_hash=hash_password(password),
        now=at,
        confirmed_at=at if confirmed else None,
    )
    for role in roles:
        grant_role(person.id, role, now=at)
    return account
