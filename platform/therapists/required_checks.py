"""Which checks somebody needs beside the register's entry, and which of them hold at a moment. Pure, fails closed.

Which country asks for what is the vocabulary's (`required_checks`). Three kinds of end are kept apart: a document ends with its last day, in the zone in
which it was recorded; a list that we screen grows stale (our own delay: new clients are turned away before those in care); a signature ends with the
grace of the next version of the agreement.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Literal

from core.zones import known_zone, local_date
from taxonomy.checks import CheckKind
from taxonomy.vocabulary import vocabulary
from therapists.agreement import agreements, is_known, last_day_under
from therapists.standing import NEW_CLIENTS_STOP_AFTER, RELATIONS_STAND_FOR, CheckFacts, CredentialFacts, Standing

State = Literal["missing", "failed", "expired", "overdue", "ending", "valid"]
STATES: tuple[State, ...] = ("missing", "failed", "expired", "overdue", "ending", "valid")
ENDING_WITHIN = 90  # days
AGREEMENT = "agreement"


def holds(check: CheckFacts, at: datetime, *, now: datetime, new_client: bool = True) -> bool:
    """Whether this check may be relied on for a session that starts at `at`. What is not known does not hold."""
    kind = vocabulary().checks.kinds.get(check.kind)
    if kind is None or not check.passed or check.checked_at is None or check.checked_at > now:
        return False
    if kind.every_days is not None:
        late = now - check.checked_at - timedelta(days=kind.every_days)
        return late <= (NEW_CLIENTS_STOP_AFTER if new_client else RELATIONS_STAND_FOR)
    if kind.renewal == "signature" and not is_known(agreements(), check.version):
        return False
    ends = last_day_of(check)
    if ends is None:
        return kind.renewal == "signature"
    return known_zone(check.zone) and local_date(check.zone, int(max(at, now).timestamp())) <= ends


def last_day_of(check: CheckFacts) -> date | None:
    """The last day on which it counts; a signature has none until a newer version of the agreement sets one."""
    return last_day_under(agreements(), check.version) if check.kind == AGREEMENT else check.valid_until


def demanded(country: str, *, minors: bool = False) -> tuple[CheckKind, ...]:
    """What is demanded of everybody who practises in this country, and with `minors` of those who see people under 18. Supervision is the credentials'."""
    checks = vocabulary().checks
    found = (*checks.of_demand("always"), *(checks.of_demand("minors") if minors else ()))
    return tuple(kind for kind in found if checks.rule(kind.slug, country) is not None)


def lacking(standing: Standing, at: datetime, *, now: datetime, new_client: bool = True) -> tuple[str, ...]:
    """The checks demanded of everybody that do not hold; empty when all do."""
    return _lacking(standing, demanded(standing.country), at, now=now, new_client=new_client)


def may_see_minors(standing: Standing, at: datetime, *, now: datetime, new_client: bool = True) -> bool:
    """Whether the checks for work with people under 18 hold."""
    return not _lacking(standing, vocabulary().checks.of_demand("minors"), at, now=now, new_client=new_client)


def needs_supervision(credential: CredentialFacts) -> bool:
    """Practice under supervision needs proof of it, and so does an entry on a register that asks it of all its members."""
    return credential.supervised or credential.register in vocabulary().checks.supervising


def supported(standing: Standing, at: datetime, *, now: datetime) -> Standing:
    """The same standing without the entries that stand on supervision, unless it is shown to last. What they say against their holder stays said."""
    if not any(needs_supervision(each) for each in standing.credentials) or not _lacking(standing, vocabulary().checks.of_demand("supervision"), at, now=now):
        return standing
    return replace(standing, credentials=tuple(replace(each, checked_at=None) if needs_supervision(each) else each for each in standing.credentials))


def state_of(check: CheckFacts | None, *, now: datetime) -> State:
    """How a check stands today, for the person it is about."""
    if check is None or check.passed is None or check.checked_at is None:
        return "missing"
    if not check.passed:
        return "failed"
    kind = vocabulary().checks.kinds.get(check.kind)
    if kind is not None and kind.every_days is not None:
        return "overdue" if now - check.checked_at > timedelta(days=kind.every_days) else "valid"
    if not holds(check, now, now=now):
        return "missing" if last_day_of(check) is None else "expired"
    days = days_left(check, now=now)
    return "ending" if days is not None and days <= ENDING_WITHIN else "valid"


def days_left(check: CheckFacts, *, now: datetime) -> int | None:
    """Days until its last day, 0 on that day; None for what has none."""
    ends = last_day_of(check)
    return None if ends is None else (ends - local_date(check.zone, int(now.timestamp()))).days


def _lacking(standing: Standing, kinds: Iterable[CheckKind], at: datetime, *, now: datetime, new_client: bool = True) -> tuple[str, ...]:
    slugs = [kind.slug for kind in kinds]
    held = {check.kind for check in standing.checks if check.kind in slugs and holds(check, at, now=now, new_client=new_client)}
    return tuple(slug for slug in slugs if slug not in held)
