"""Cases. Call inside `transaction()`."""

from datetime import date, timedelta
from typing import Any

from accounts.models import Account
from accounts.roles import grant_role
from core.clock import now
from core.db import db
from desk.cases import open_case
from desk.models import Case, SafetyDeskMember
from tests.factories.accounts import an_account


def a_case(kind: str = "support", *, due_in: timedelta = timedelta(days=1), subject: tuple[str, str] = ("person", "x"), **facts: Any) -> Case:
    return open_case(kind, subject=subject, due_in=due_in, now=now(), **facts)


def at_the_safety_desk(
    person_id: int, *, hours: list[list[int]] | None = None, zone: str = "UTC", valid_until: date | None = None, languages: tuple[str, ...] = ("en",)
) -> None:
    """Declare somebody with an account for the safety desk, around the clock unless told otherwise."""
    grant_role(person_id, "safety_responder", now=now())
    days = [[weekday, 0, 1440] for weekday in range(7)] if hours is None else hours
    until = valid_until or (now() + timedelta(days=365)).date()
    declared = {"qualification": "ASIST", "issued_by": "LivingWorks", "seen_on": now().date(), "languages": list(languages), "zone": zone}
    db.session.add(SafetyDeskMember(person_id=person_id, valid_until=until, hours=days, declared_by=person_id, declared_at=now(), **declared))
    db.session.flush()


def a_responder() -> Account:
    """Somebody who may work on safety cases."""
    account = an_account(roles=("safety_responder",))
    at_the_safety_desk(account.person_id)
    return account
