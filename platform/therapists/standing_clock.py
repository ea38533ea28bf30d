"""When what is known about a therapist may change its meaning by the clock alone. Pure.

Whoever keeps an answer of `care.eligibility` keeps it no longer than to the next of these points, and whoever asks for many sessions needs to ask once
between two of them. A property test holds it against the rules themselves: between two neighbouring points no refusal comes or goes.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

from core.zones import known_zone, local_to_utc_seconds
from taxonomy.vocabulary import vocabulary
from therapists.authorisation import COMPACTS
from therapists.required_checks import last_day_of
from therapists.standing import CHECKED_WITHIN, NEW_CLIENTS_STOP_AFTER, RECHECK_EVERY, RELATIONS_STAND_FOR, CheckFacts, CredentialFacts, Standing

# What holds up to and including an instant is over in the next microsecond.
AFTER = timedelta(microseconds=1)
ONE_DAY, ONE_HOUR = timedelta(days=1), timedelta(hours=1)


def turning_points(standing: Standing) -> list[datetime]:
    """Every instant, rising, at which a refusal may come or go, whether as the start of a session or as the present."""
    found = {point for credential in standing.credentials for point in _of_credential(credential)}
    found |= {point for check in standing.checks for point in _of_check(check)}
    if standing.leaves_at is not None:
        found.add(standing.leaves_at)
    if any(each.register in COMPACTS for each in standing.credentials):
        found |= set(_of_memberships())
    return sorted(found)


def _of_credential(credential: CredentialFacts) -> Iterator[datetime]:
    if credential.checked_at is not None:
        due = credential.checked_at + RECHECK_EVERY
        yield from (credential.checked_at, due + NEW_CLIENTS_STOP_AFTER + AFTER, due + RELATIONS_STAND_FOR + AFTER)
    if credential.decided_at is not None:
        yield from (credential.decided_at, credential.decided_at + CHECKED_WITHIN + AFTER)
    yield from _end_of(credential.expires_on, credential.zone)


def _of_check(check: CheckFacts) -> Iterator[datetime]:
    kind = vocabulary().checks.kinds.get(check.kind)
    if check.checked_at is not None:
        yield check.checked_at
        if kind is not None and kind.every_days is not None:
            due = check.checked_at + timedelta(days=kind.every_days)
            yield from (due + NEW_CLIENTS_STOP_AFTER + AFTER, due + RELATIONS_STAND_FOR + AFTER)
    yield from _end_of(last_day_of(check), check.zone)


def _of_memberships() -> Iterator[datetime]:
    """Where states join or leave a compact, by the day at the place."""
    names = {name for compact in COMPACTS.values() for name in (compact.home, compact.place)}
    for place in vocabulary().jurisdictions.values():
        for fact in place.facts:
            if fact.fact in names:
                if fact.since:
                    yield from _end_of(date.fromisoformat(fact.since) - ONE_DAY, place.main_zone)
                if fact.until:
                    yield from _end_of(date.fromisoformat(fact.until), place.main_zone)


def _end_of(last: date | None, zone: str) -> Iterator[datetime]:
    """The midnight that ends a last day; and an hour later, for clocks that are put back at midnight and read that day once more."""
    if last is not None and last < date.max and known_zone(zone):
        after = last + ONE_DAY
        midnight = datetime.fromtimestamp(local_to_utc_seconds(zone, after.year, after.month, after.day, 0), UTC)
        yield from (midnight, midnight + ONE_HOUR)
