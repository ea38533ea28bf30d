"""What an entry of the vocabulary holds. Frozen; slugs are the identity, labels are English.

`alone` holds aliases that count only when they are the whole text, because they are everyday words. `source` is a key of its file's `sources`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Literal

ModalityKind = Literal["therapy", "family", "stance", "meta", "complementary", "not_therapy", "excluded"]
RegisterKind = Literal["statutory", "protected_title", "accredited_voluntary", "voluntary", "training_body", "identifier", "not_a_verifier"]
Practice = Literal["independent", "supervised", "add_on", "competence", "none"]
Grade = Literal["A", "B", "C", "-", "!"]
Relation = Literal["same", "narrower", "broader", "sibling"]


@dataclass(frozen=True)
class Goal:
    """What a person wants to be different. `different_service`: a referral answers it, never a shortlist. `includes`: the goals it stands for.

    `concerns`: whoever works with one of these works on this goal; empty where any therapist might.
    """

    slug: str
    label: str
    aliases: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    different_service: bool = False
    includes: tuple[str, ...] = ()
    concerns: tuple[str, ...] = ()
    note: str | None = None
    source: str = "draft"


@dataclass(frozen=True)
class ConcernCode:
    """A sign or a cause that belongs to one concern: ``sign:...`` or ``cause:...``. A word to recognise oneself in, never a score."""

    code: str
    label: str


@dataclass(frozen=True)
class Concern:
    """What hurts; `parent` is None for the 13 groups. `needs_floor`: only verified competence, or a person who sorts requests, may take it.

    `evidence_applies` is False where there is no disorder: evidence has no part in ranking then.
    """

    slug: str
    label: str
    parent: str | None
    aliases: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    needs_floor: bool = False
    evidence_applies: bool = True
    related: tuple[str, ...] = ()
    codes: tuple[ConcernCode, ...] = ()
    note: str | None = None
    source: str = "draft"


@dataclass(frozen=True)
class Modality:
    """A way of working. `broader` names direct parents; `units` is empty unless it is only for these units (couples, families).

    Kinds: a `family` only groups others; a `stance` is an attitude, not a treatment; `meta` is a word like "integrative"; `excluded` may be offered by
    nobody. `offerable`: a therapist may declare it. `not_same_as`: these two earn no credit for each other, whatever the tree says.
    """

    slug: str
    label: str
    kind: ModalityKind
    plain: str
    offerable: bool
    aliases: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    broader: tuple[str, ...] = ()
    not_same_as: tuple[str, ...] = ()
    units: tuple[str, ...] = ()
    verifiable_by: tuple[str, ...] = ()
    training_note: str | None = None
    caution: str | None = None


@dataclass(frozen=True)
class EvidenceGrade:
    """One cell of the evidence table. `dated` is when the cell was written; `draft` until a named clinician signs the version."""

    concern: str
    modality: str
    grade: Grade
    rule_set: str
    source: str
    dated: str
    draft: bool
    variant: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class EvidenceCaution:
    """A caution about a concern that is not about one way of working, such as a medical risk that is checked first."""

    concern: str
    code: str
    text: str
    grade: Grade
    rule_set: str
    source: str
    dated: str
    draft: bool


@dataclass(frozen=True)
class Variant:
    """A form of a concern that has grades of its own. `assumed`: it counts when nobody has said which form it is."""

    slug: str
    label: str
    assumed: bool


@dataclass(frozen=True)
class Language:
    """Slug: ISO 639-1 where there is one, else 639-3 (Cantonese, sign languages). `own_name` as its speakers write it."""

    slug: str
    label: str
    own_name: str
    aliases: tuple[str, ...] = ()
    sign: bool = False


@dataclass(frozen=True)
class FactSource:
    """Where one fact of a jurisdiction comes from. `as_of` is ISO: a month or a day. `since` and `until` (ISO days, both included) where the fact has ends."""

    fact: str
    source: str
    as_of: str
    since: str | None = None
    until: str | None = None


@dataclass(frozen=True)
class TemporaryPractice:
    """What the law of a place allows to visitors for a few days. It is told to people, and nothing is booked on it: somebody has to count the days."""

    register: str
    titles: tuple[str, ...]
    days_a_year: int
    words: str
    source: str
    as_of: str


@dataclass(frozen=True)
class Jurisdiction:
    """A place whose law decides who may practise there. Slug such as GB-ENG, US-CA, IE. An enacted compact is not yet an issuing one."""

    slug: str
    label: str
    country: str
    zones: tuple[str, ...]
    main_zone: str
    psypact_member: bool = False
    counseling_compact_enacted: bool = False
    counseling_compact_issuing: bool = False
    facts: tuple[FactSource, ...] = ()
    temporary: tuple[TemporaryPractice, ...] = ()

    def fact(self, name: str) -> FactSource | None:
        return next((each for each in self.facts if each.fact == name), None)

    def holds(self, name: str, on: date) -> bool:
        """Whether a membership holds on a day: stated as true, with a source, and inside its dates where it has any."""
        source = self.fact(name)
        if source is None or not getattr(self, name):
            return False
        return (source.since or "0001-01-01") <= on.isoformat() <= (source.until or "9999-12-31")

    @property
    def source(self) -> str:
        """Of the place and its zones; each membership has its own under `facts`."""
        return self.facts[0].source

    @property
    def as_of(self) -> str:
        return self.facts[0].as_of

    @property
    def code(self) -> str:
        return self.slug

    @property
    def name(self) -> str:
        return self.label


@dataclass(frozen=True)
class CredentialType:
    """A title at a register. Practice: independent; supervised (shown as such); add_on (with a home licence); competence (shows training, gives no right
    to practise); none (a member who may not treat). An add_on builds on a licence under one of `builds_on`; `modes` are the only ways it is used, if any
    are named; with `days_a_year` it is for short stays, and nothing is booked on it."""

    slug: str
    label: str
    practice: Practice
    aliases: tuple[str, ...] = ()
    number_shape: str | None = None
    shape_is_sourced: bool = False
    builds_on: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    days_a_year: int | None = None
    note: str | None = None


@dataclass(frozen=True)
class Register:
    """A body that a credential can be claimed from. `country` is ZZ for international bodies.

    `accepted_for_practice`: an active entry is enough to treat people in `jurisdictions`; with `jurisdiction_from_claim` only in the one that the claim
    names. `number_shape` is a regular expression for the whole number and only a hint: it never verifies, and refuses only when `shape_is_sourced`.
    `hints` are names of no body that people write when they mean this one: they suggest it and never stand for it. `reason` says why a `not_a_verifier`
    cannot stand behind a badge.
    """

    slug: str
    label: str
    country: str
    kind: RegisterKind
    jurisdictions: tuple[str, ...]
    number_shape: str | None
    shape_is_sourced: bool
    address: str | None
    renewal: str | None
    credential_types: tuple[CredentialType, ...]
    accepted_for_practice: bool
    authorises: str
    source: str
    as_of: str
    aliases: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    jurisdiction_from_claim: bool = False
    add_on_to: tuple[str, ...] = ()
    is_open: bool = True
    shape_source: str | None = None
    note: str | None = None
    reason: str | None = None

    @property
    def name(self) -> str:
        return self.label

    def credential_type(self, slug: str) -> CredentialType | None:
        return next((each for each in self.credential_types if each.slug == slug), None)


@dataclass(frozen=True)
class ProviderCode:
    """A code of the US provider taxonomy as it stands beside an NPI. It says what somebody registered as and licenses nobody."""

    code: str
    classification: str
    active: bool
    specialisation: str | None = None
    credential_type: str | None = None


@dataclass(frozen=True)
class CrisisLine:
    """`checked_on` is an ISO date on which the person `checked_by` called or looked the line up; None while nobody has."""

    slug: str
    country: str
    name: str
    number: str | None
    url: str | None
    hours: str
    source: str
    noted: str
    sms: str | None = None
    for_whom: str | None = None
    checked_on: str | None = None
    checked_by: str | None = None


@dataclass(frozen=True)
class EmergencyNumber:
    country: str
    number: str
    source: str
    as_of: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True)
class Directory:
    name: str
    url: str
    note: str
    source: str


@dataclass(frozen=True)
class FacetValue:
    """One value of a small list. Ages in whole years, both ends included; `minutes` for lengths; `low` and `high` name the ends of a scale."""

    slug: str
    label: str
    aliases: tuple[str, ...] = ()
    kind: str | None = None
    minutes: int | None = None
    upto_sessions: int | None = None
    from_age: int | None = None
    to_age: int | None = None
    low: str | None = None
    high: str | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, eq=False)
class Facet(Mapping[str, FacetValue]):
    """A small closed list, read as a mapping from slug to value in its order."""

    slug: str
    label: str
    by_slug: Mapping[str, FacetValue] = field(repr=False)
    note: str | None = None

    def __getitem__(self, slug: str) -> FacetValue:
        return self.by_slug[slug]

    def __iter__(self) -> Iterator[str]:
        return iter(self.by_slug)

    def __len__(self) -> int:
        return len(self.by_slug)


@dataclass(frozen=True)
class Ambiguity:
    """A short form that stands for several ways of working: it is asked about, never guessed."""

    text: str
    meanings: tuple[str, ...]
