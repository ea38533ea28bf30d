"""The facts about a therapist that "may this therapist treat this person" needs, and nothing else. Pure.

`therapists` builds a `Standing` from its rows at the moment of use; `care.eligibility` judges it. A fact that is missing here is unknown,
and unknown never speaks for anybody.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from core.zones import known_zone, local_date

# Registers whose law covers a whole country, although a person's place is known more finely. Every other code covers exactly itself:
# a licence of one US state says nothing about the next one.
COUNTRY_WIDE: dict[str, frozenset[str]] = {
    "GB": frozenset({"GB-ENG", "GB-SCT", "GB-WLS", "GB-NIR"}),
    "AU": frozenset({"AU-NSW", "AU-VIC", "AU-QLD", "AU-SA", "AU-WA", "AU-TAS", "AU-NT", "AU-ACT"}),
}

# Every other age band is that of a minor and needs the checks for work with minors.
ADULT_BANDS = frozenset({"age_18_25", "adult", "age_65_plus"})

# The entry of the register is looked at again every month (NCQA 2025: expiry and sanctions monthly).
RECHECK_EVERY = timedelta(days=31)
# Late by more than this, while the recorded expiry lies ahead: no new clients; and then nobody.
NEW_CLIENTS_STOP_AFTER = timedelta(days=14)
RELATIONS_STAND_FOR = timedelta(days=45)
# In full at least every 36 months, from the decision on.
CHECKED_WITHIN = timedelta(days=3 * 365)
LIVE_STATES = frozenset({"active", "expiring"})
# A register that suspended, revoked or excluded somebody says something about the person, not about one place.
BARRING_STATES = frozenset({"suspended", "revoked", "excluded"})
AUTHORISING_KINDS = frozenset({"statutory", "protected_title", "accredited_voluntary", "voluntary"})


def covers(jurisdictions: Iterable[str], place: str) -> bool:
    """Whether one of the codes of a credential reaches the place where somebody physically is, such as ``GB`` for ``GB-SCT``."""
    return any(code == place or place in COUNTRY_WIDE.get(code, frozenset()) for code in jurisdictions)


@dataclass(frozen=True)
class CredentialFacts:
    """One verified or claimed credential.

    `kind` is the register's kind (``statutory``, ``accredited_voluntary``, ``training_body``...), `state` the state of the verification
    (``active``, ``in_review``, ``suspended``...), `checked_at` when a person last looked at the register itself, `decided_at` when somebody last verified
    it in full, `expires_on` the last day
    on which it is known to hold, counted in `zone`, the zone of its jurisdiction.
    """

    register: str
    kind: str
    jurisdictions: tuple[str, ...]
    state: str
    checked_at: datetime | None
    expires_on: date | None
    supervised: bool
    restricted: bool
    zone: str
    credential_type: str = ""
    decided_at: datetime | None = None


@dataclass(frozen=True)
class CheckFacts:
    """One required check beside the register's entry, as it stands: the last day `valid_until` is counted in `zone`, `version` is the agreement's.

    `passed` None: nobody has looked. Which checks are needed, and whether one holds, is `required_checks`' to say.
    """

    kind: str
    passed: bool | None
    checked_at: datetime | None
    valid_until: date | None
    zone: str
    version: str | None = None


@dataclass(frozen=True)
class Standing:
    """Everything known about what one therapist may do.

    `barred` is a hold by the platform or an exclusion listing. `country` is where they practise, which decides what `checks` they need.
    `verified_competences` are concerns for which a special competence was declared and checked. `works_from` is
    the place where they say they sit during sessions, `leaves_at` the end of their announced last day.
    """

    therapist_id: int
    credentials: tuple[CredentialFacts, ...]
    barred: bool
    units: frozenset[str]
    age_bands: frozenset[str]
    verified_competences: frozenset[str] = frozenset()
    country: str = ""
    checks: tuple[CheckFacts, ...] = ()
    works_from: str | None = None
    leaves_at: datetime | None = None

    def has_left_by(self, at: datetime, *, now: datetime) -> bool:
        """Whether the announced last day is over at `at`, or already now."""
        return self.leaves_at is not None and max(at, now) >= self.leaves_at


@dataclass(frozen=True)
class ServiceFacts:
    """What is booked: `kind` (``consultation``, ``session``, ``couples``), for which `unit`, in which `modes`.

    `supervised_allowed` says that the law of the place lets a supervised trainee give this service, and that it is labelled so.
    """

    kind: str
    unit: str | None
    modes: frozenset[str]
    supervised_allowed: bool = False


def counts(credential: CredentialFacts, at: datetime, *, now: datetime) -> bool:
    """Whether this credential may be relied on for a session that starts at `at`: current, and of a kind that authorises."""
    return credential.kind in AUTHORISING_KINDS and is_current(credential, at, now=now)


def is_current(credential: CredentialFacts, at: datetime, *, now: datetime) -> bool:
    """Whether what the register said is recent enough and holds at `at`: until the midnight that ends its last day, in the zone of its own jurisdiction."""
    if credential.state not in LIVE_STATES:
        return False
    if credential.decided_at is None or not now - CHECKED_WITHIN <= credential.decided_at <= now:
        return False
    late = overdue_by(credential.checked_at, now)
    if late is None or late > RELATIONS_STAND_FOR:
        return False
    if credential.expires_on is None or not known_zone(credential.zone):
        return False
    return local_date(credential.zone, int(max(at, now).timestamp())) <= credential.expires_on


def overdue_by(checked_at: datetime | None, now: datetime) -> timedelta | None:
    """How late our look at the register is; negative while it is not due. None when nobody has looked, or in a time to come."""
    if checked_at is None or checked_at > now:
        return None
    return now - checked_at - RECHECK_EVERY


def for_new_clients(standing: Standing, *, now: datetime) -> Standing:
    """The same standing as somebody without a care relation meets it: an entry at which we have not looked for too long speaks for nobody there.

    What it says against its holder stays said.
    """
    return replace(standing, credentials=tuple(each if is_fresh(each, now=now) else replace(each, checked_at=None) for each in standing.credentials))


def is_fresh(credential: CredentialFacts, *, now: datetime) -> bool:
    """Whether our look at the register is recent enough for somebody new."""
    late = overdue_by(credential.checked_at, now)
    return late is not None and late <= NEW_CLIENTS_STOP_AFTER


def bars(credential: CredentialFacts) -> bool:
    """Whether this credential speaks against its holder everywhere."""
    return credential.restricted or credential.state in BARRING_STATES
