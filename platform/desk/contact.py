"""How to reach the person a case is about: for whoever owns the case, and on the record."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass

from accounts.people import account_of
from core import audit
from core.errors import NotFound
from desk.cases import owned_case


class NoContact(NotFound):
    code, detail = "no_contact", "This person has no confirmed address with us."


@dataclass(frozen=True, slots=True)
class Contact:
    """`zone` says what time it is where they are."""

    name: str | None
    email: str
    locale: str
    zone: str


def contact_for_case(public_id: uuid.UUID, *, by: int, kinds: Collection[str]) -> Contact:
    """Refuses as every act on a case; NoContact for a guest, and for an address that nobody has confirmed: it may be a stranger's."""
    case = owned_case(public_id, by, kinds)
    contact = contact_of(case.person_id) if case.person_id is not None else None
    if contact is None:
        raise NoContact
    audit.record("desk.contact_read", subject=("case", case.public_id), actor=by, kind=case.kind)
    return contact


def contact_of(person_id: int) -> Contact | None:
    """Whoever calls this has asked whether the reader may know, and records the reading."""
    account = account_of(person_id)
    if account is None or account.email_confirmed_at is None:
        return None
    return Contact(account.person.name, account.email, account.person.locale, account.person.zone)
