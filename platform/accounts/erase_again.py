"""Erasures that a restored database does not know of are done again, by a list that was kept outside of it.

The list has one JSON object a line, with the public id of whoever was erased as `person`, and nothing else about them. `erased` writes what this database
knows; the log has such a line the moment somebody is erased. A public id is random, so it can never mean somebody else in a database of another age.
"""

import json
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String, cast, select
from sqlalchemy.orm import joinedload

from accounts.erase import Obstacle, erase, obstacles_of
from accounts.models import Account, Person
from core.audit import AuditEntry
from core.db import db, lock_persons

AGAIN = "restored"


@dataclass(frozen=True, slots=True)
class Again:
    """What became of one line: erased now, known here as erased or not at all (neither), or what stands in the way."""

    person: uuid.UUID
    is_erased_now: bool
    obstacles: Sequence[Obstacle] = ()


def erased() -> Iterator[str]:
    """A line for everybody who was erased here, the oldest first."""
    wanted = select(Person.public_id, AuditEntry.at).join(AuditEntry, cast(Person.id, String) == AuditEntry.subject_id)
    wanted = wanted.where(AuditEntry.action == "accounts.erased", AuditEntry.subject_kind == "person")
    told = set()
    for public_id, at in db.session.execute(wanted.order_by(AuditEntry.id)):
        if public_id not in told:
            told.add(public_id)
            yield json.dumps({"person": str(public_id), "at": at.isoformat()})


def listed(lines: Iterable[str]) -> list[uuid.UUID]:
    """Whom these lines name, each once. ValueError for a line that names nobody: a list that is read in part is worse than none."""
    people: dict[uuid.UUID, None] = {}
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                people[uuid.UUID(str(json.loads(line)["person"]))] = None
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"line {number} names nobody") from error
    return list(people)


def erase_again(public_id: uuid.UUID, *, now: datetime) -> Again:
    """Erase them if they are here, unless something stands in the way that was not there when they were erased: that is settled first, and this done again.
    They were told once, and are not written to. Twice changes nothing.
    """
    named = select(Account).join(Person).where(Person.public_id == public_id).options(joinedload(Account.person))
    account = db.session.scalars(named).one_or_none()
    if account is None:
        return Again(public_id, is_erased_now=False)
    lock_persons(account.person_id)
    db.session.execute(select(Account.person_id).where(Account.person_id == account.person_id).with_for_update())
    found = obstacles_of(account.person_id, now=now)
    if not found:
        erase(account, now=now, reason=AGAIN)
    return Again(public_id, is_erased_now=not found, obstacles=found)
