"""The public badge: derived from the latest recorded check of a credential that is current, and from nothing else. There is no row to write one into."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from taxonomy.vocabulary import vocabulary
from therapists.facts import facts_of
from therapists.models import Therapist
from therapists.standing import CredentialFacts, bars, is_current, overdue_by


@dataclass(frozen=True)
class Badge:
    """Registered with `body`, as its register said on `checked_on`. `kind` is the register's kind, shown because kinds mean different things.

    `next_check_on` is None when our next look is late: nobody is shown a fresh date that is not one.
    """

    register: str
    body: str
    kind: str
    title: str
    country: str
    supervised: bool
    checked_on: date
    next_check_on: date | None
    register_address: str


class Check(Protocol):
    """As much of a verification record as a badge needs."""

    @property
    def decision(self) -> str: ...
    @property
    def checked_at(self) -> datetime: ...
    @property
    def register_address(self) -> str: ...


def badges_of(therapist: Therapist, *, now: datetime) -> list[Badge]:
    """Badges of a therapist whose credentials and their records are loaded."""
    held = [
        (facts_of(credential, therapist.credentials), next((each for each in reversed(credential.records) if each.took_effect), None))
        for credential in therapist.credentials
    ]
    return badges_from(held, now=now)


def badges_from(held: Sequence[tuple[CredentialFacts, Check | None]], *, now: datetime) -> list[Badge]:
    """The same from facts, each with the last record that took effect."""
    badges = [_badge(facts, check, now=now) for facts, check in held]
    return [badge for badge in badges if badge is not None]


def _badge(facts: CredentialFacts, check: Check | None, *, now: datetime) -> Badge | None:
    """None unless the credential is current, unrestricted, and its last recorded check said that it is active."""
    register = vocabulary().registers.get(facts.register)
    if register is None or register.kind in ("identifier", "not_a_verifier") or check is None or check.decision != "active":
        return None
    if bars(facts) or not is_current(facts, now, now=now):
        return None
    title = register.credential_type(facts.credential_type)
    return Badge(
        register=register.slug,
        body=register.label,
        kind=register.kind,
        title=title.label if title else "",
        country=register.country,
        supervised=facts.supervised,
        checked_on=check.checked_at.date(),
        next_check_on=_next_check(facts, now=now),
        register_address=check.register_address,
    )


def _next_check(facts: CredentialFacts, *, now: datetime) -> date | None:
    late = overdue_by(facts.checked_at, now)
    return None if late is None or late > timedelta(0) else (now - late).date()
