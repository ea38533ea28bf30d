"""Everything that is held about a person, for that person to take along: what each package holds is a part, and each package says its own.

A part is plain values of a JSON document, the oldest first, of this person alone: therapists are named in it, because they are public; no other client is.
"""

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Consent, SignInSession
from accounts.people import require_account
from accounts.roles import roles_of
from core import audit
from core.db import db
from core.http import as_text
from core.money import Money
from notices.models import Notice

Part = Sequence[Mapping[str, Any]]
Contributor = Callable[[int], Part]
_contributors: dict[str, Contributor] = {}


def contribute(part: str, contributor: Contributor) -> None:
    """Connected by the assembly, one for each part; connecting twice changes nothing."""
    if _contributors.setdefault(part, contributor) is not contributor:
        raise ValueError(f"somebody else gives {part} already")


def own_data(person_id: int) -> dict[str, Part]:
    """By part. It is recorded that it was taken along. NotFound without an account."""
    audit.record("accounts.data_exported", subject=("person", person_id), actor=person_id)
    parts = {"account": _account(person_id), "consents": _consents(person_id), "sessions": _sessions(person_id), "mails": _mails(person_id)}
    return parts | {part: contributor(person_id) for part, contributor in sorted(_contributors.items())}


def plain(row: object, *names: str, **more: Any) -> dict[str, Any]:
    """These attributes of a row as values of JSON; `public_id` is called `id`."""
    said = {("id" if name == "public_id" else name): as_value(getattr(row, name)) for name in names}
    return said | {name: as_value(value) for name, value in more.items()}


def as_value(value: Any) -> Any:
    """Instants as RFC 3339 in UTC, money as minor units with its currency."""
    match value:
        case datetime():
            return as_text(value)
        case date():
            return value.isoformat()
        case uuid.UUID():
            return str(value)
        case Money():
            return {"amount": value.amount, "currency": value.currency}
        case Mapping():
            return {str(name): as_value(each) for name, each in value.items()}
        case str():
            return value
        case Sequence():
            return [as_value(each) for each in value]
    return value


def _account(person_id: int) -> Part:
    account = require_account(person_id)
    person = plain(account.person, "public_id", "name", "locale", "zone")
    return [person | plain(account, "email", "email_confirmed_at", "created_at", roles=sorted(roles_of(person_id)))]


def _consents(person_id: int) -> Part:
    rows = db.session.scalars(select(Consent).where(Consent.person_id == person_id).order_by(Consent.id))
    return [plain(row, "purpose", "text_version", "given_at", "withdrawn_at", "end_reason") for row in rows]


def _sessions(person_id: int) -> Part:
    rows = db.session.scalars(select(SignInSession).where(SignInSession.person_id == person_id).order_by(SignInSession.id))
    return [plain(row, "started_at", "last_seen_at", "ends_at", "ended_at") for row in rows]


def _mails(person_id: int) -> Part:
    """What was written, as long as it is kept; after that, that something was. Links in mails are secrets and stay out."""
    rows = db.session.scalars(select(Notice).where(Notice.person_id == person_id).order_by(Notice.id))
    return [plain(row, "kind", "created_at", "sent_at", subject=(row.letter or {}).get("subject")) for row in rows]
