"""What a person wishes for, and which of it one service of one therapist does not meet. Pure.

Wishes shape lists; on a direct choice they are shown as "not what you asked for" and never refuse. Only a wish marked *must* (and a firm
price ceiling) keeps somebody off a list; everything else moves the score.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import lru_cache

from core.money import Money
from core.zones import utc_offset
from matching.candidate import NO_STYLE, Candidate, OfferedService, Style
from taxonomy.vocabulary import Vocabulary

CODES = ("language", "price", "format", "times", "must")
MODALITY_CREDIT: Mapping[str | None, float] = {"same": 1.0, "narrower": 1.0, "broader": 0.6, "sibling": 0.3, None: 0.0}


class Strength(StrEnum):
    MUST = "must"
    STRONG = "strong"
    NICE = "nice"


@dataclass(frozen=True)
class Wish:
    """Any of these values would do."""

    any_of: frozenset[str]
    strength: Strength


@dataclass(frozen=True)
class IdentityWish:
    """`relation`: shares, experienced_with or prefer_not (somebody of none of these values)."""

    kind: str
    any_of: frozenset[str]
    relation: str
    strength: Strength


@dataclass(frozen=True)
class Window:
    """Minutes of the local day on one weekday (0 = Monday); a session has to lie inside it."""

    weekday: int
    from_minute: int
    to_minute: int


@dataclass(frozen=True)
class Wishes:
    """Everything that may shape a list. `zone` is that of the person's place, in which `hours` are meant. Empty means no answer."""

    unit: str
    zone: str
    main_concern: str | None = None
    other_concerns: tuple[str, ...] = ()
    goals: tuple[str, ...] = ()
    modalities: tuple[Wish, ...] = ()
    style: Style = NO_STYLE
    identity: tuple[IdentityWish, ...] = ()
    languages: tuple[Wish, ...] = ()
    modes: Wish | None = None
    town: str | None = None
    hours: tuple[Window, ...] = ()
    hours_strength: Strength = Strength.STRONG
    ceiling: Money | None = None
    ceiling_firm: bool = False
    concession: bool = False
    insurer: str | None = None
    access: tuple[Wish, ...] = ()
    emphasis: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Unmet:
    """`code` is one of `CODES`; `wish` names the single wish, and `relaxed` takes it."""

    code: str
    wish: str


def unmet(wishes: Wishes, candidate: Candidate, service: OfferedService, *, vocabulary: Vocabulary) -> list[Unmet]:
    """The wishes marked must that this service does not meet, one entry each, in the order of `CODES`."""
    found = [Unmet("language", name) for name, wish in _named("language", wishes.languages) if not wish.any_of & candidate.languages]
    if wishes.ceiling is not None and wishes.ceiling_firm and not _affordable(wishes, candidate, service):
        found.append(Unmet("price", "price"))
    if wishes.modes is not None and wishes.modes.strength is Strength.MUST and not mode_fits(wishes, service):
        found.append(Unmet("format", "format"))
    if wishes.hours and wishes.hours_strength is Strength.MUST and not openings_in_hours(wishes, service):
        found.append(Unmet("times", "times"))
    found += [Unmet("must", name) for name in _unmet_musts(wishes, candidate, vocabulary)]
    return found


def musts_of(wishes: Wishes) -> list[Unmet]:
    """Every wish that could keep somebody off the list: what can be relaxed, one at a time."""
    musts = [Unmet("language", name) for name, _ in _named("language", wishes.languages)]
    if wishes.ceiling is not None and wishes.ceiling_firm:
        musts.append(Unmet("price", "price"))
    if wishes.modes is not None and wishes.modes.strength is Strength.MUST:
        musts.append(Unmet("format", "format"))
    if wishes.hours and wishes.hours_strength is Strength.MUST:
        musts.append(Unmet("times", "times"))
    named = [*_named("modality", wishes.modalities), *_named("access", wishes.access), *_named_identity(wishes)]
    return musts + [Unmet("must", name) for name, _ in named]


def relaxed(wishes: Wishes, wish: str) -> Wishes:
    """The same wishes with one must turned into a strong preference, or the ceiling no longer firm. ValueError for an unknown name."""
    kind, _, number = wish.partition(":")
    if wish not in {must.wish for must in musts_of(wishes)}:
        raise ValueError(f"not one of the musts: {wish[:40]!r}")
    if kind == "price":
        return replace(wishes, ceiling_firm=False)
    if kind == "times":
        return replace(wishes, hours_strength=Strength.STRONG)
    if kind == "format" and wishes.modes is not None:
        return replace(wishes, modes=replace(wishes.modes, strength=Strength.STRONG))
    at = int(number)
    if kind == "identity":
        identity = tuple(replace(each, strength=Strength.STRONG) if n == at else each for n, each in enumerate(wishes.identity))
        return replace(wishes, identity=identity)
    if kind == "language":
        return replace(wishes, languages=_softer(wishes.languages, at))
    if kind == "modality":
        return replace(wishes, modalities=_softer(wishes.modalities, at))
    return replace(wishes, access=_softer(wishes.access, at))


def fee_for(wishes: Wishes, service: OfferedService) -> Money:
    """The lowest fee this person qualifies for: a concession counts once they said that they need one."""
    if not wishes.concession:
        return service.fee
    lower = [money for money in service.concessions if money.currency == service.fee.currency]
    return min([service.fee, *lower], key=lambda money: money.amount)


def insured(wishes: Wishes, candidate: Candidate) -> bool:
    return wishes.insurer is not None and wishes.insurer in candidate.insurers


def mode_fits(wishes: Wishes, service: OfferedService) -> bool:
    """A wished format that this service has; in person only in the town that was named, as far as is known."""
    if wishes.modes is None:
        return True
    return any(mode != "in_person" or _same_town(wishes.town, service.town) for mode in wishes.modes.any_of & service.facts.modes)


def openings_in_hours(wishes: Wishes, service: OfferedService) -> Sequence[int]:
    """The openings whose whole session lies inside the hours that were named, on the wall clock of the person's place; all when none were."""
    if not wishes.hours:
        return service.openings
    return [start for start in service.openings if _inside(start, service.minutes, wishes)]


def modality_credit(wish: Wish, candidate: Candidate, unit: str, vocabulary: Vocabulary) -> float:
    """1 for what was asked for or something narrower, .6 for something broader, .3 for a sibling; a couple modality only for couples."""
    related = related_modalities(wish.any_of, unit, vocabulary)
    return max([related[offered] for offered in candidate.modalities | candidate.verified_modalities if offered in related], default=0.0)


@lru_cache(maxsize=2_048)
def related_modalities(any_of: frozenset[str], unit: str, vocabulary: Vocabulary) -> Mapping[str, float]:
    """The credit of every modality for this unit that gets any."""
    offered = [slug for slug in vocabulary.modalities if vocabulary.serves_unit(slug, unit)]
    credits_ = {slug: max((MODALITY_CREDIT[vocabulary.modality_relation(wanted, slug)] for wanted in any_of), default=0.0) for slug in offered}
    return {slug: credit for slug, credit in credits_.items() if credit > 0}


def identity_credit(wish: IdentityWish, candidate: Candidate) -> float | None:
    """1 met, .6 experienced with where sharing was asked, 0 not met, None when the therapist publishes nothing about it.

    What is meant only for those who look for it never speaks against anybody and is never told by its absence: it counts when it is met.
    """
    shared, experienced = candidate.shares.get(wish.kind, frozenset()), candidate.experienced.get(wish.kind, frozenset())
    if wish.relation == "prefer_not":
        return None if not shared else float(not wish.any_of & shared)
    sought = wish.any_of & candidate.shares_if_asked.get(wish.kind, frozenset())
    sought_experience = wish.any_of & candidate.experienced_if_asked.get(wish.kind, frozenset())
    is_experienced = bool(sought_experience or wish.any_of & experienced)
    if sought or wish.any_of & shared or (wish.relation == "experienced_with" and is_experienced):
        return 1.0
    if is_experienced:
        return 0.6
    return 0.0 if shared or wish.relation == "experienced_with" else None


def _unmet_musts(wishes: Wishes, candidate: Candidate, vocabulary: Vocabulary) -> Iterable[str]:
    kinds = _named("modality", wishes.modalities)
    yield from (name for name, wish in kinds if modality_credit(wish, candidate, wishes.unit, vocabulary) < 1.0)
    yield from (name for name, wish in _named("access", wishes.access) if not wish.any_of & candidate.access)
    yield from (name for name, wish in _named_identity(wishes) if identity_credit(wish, candidate) != 1.0)


def _named(kind: str, wishes: tuple[Wish, ...]) -> list[tuple[str, Wish]]:
    return [(f"{kind}:{number}", wish) for number, wish in enumerate(wishes) if wish.strength is Strength.MUST]


def _named_identity(wishes: Wishes) -> list[tuple[str, IdentityWish]]:
    return [(f"identity:{number}", wish) for number, wish in enumerate(wishes.identity) if wish.strength is Strength.MUST]


def _softer(wishes: tuple[Wish, ...], at: int) -> tuple[Wish, ...]:
    return tuple(replace(wish, strength=Strength.STRONG) if number == at else wish for number, wish in enumerate(wishes))


def _affordable(wishes: Wishes, candidate: Candidate, service: OfferedService) -> bool:
    """A ceiling compares only within its currency; what cannot be compared is not within a firm one."""
    fee, ceiling = fee_for(wishes, service), wishes.ceiling
    return insured(wishes, candidate) or (ceiling is not None and fee.currency == ceiling.currency and fee.amount <= ceiling.amount)


def _same_town(wished: str | None, offered: str | None) -> bool:
    return wished is not None and offered is not None and wished.strip().casefold() == offered.strip().casefold()


def _inside(start: int, minutes: int, wishes: Wishes) -> bool:
    wall = start + utc_offset(wishes.zone, start)
    weekday, minute = (wall // 86_400 + 3) % 7, wall % 86_400 // 60
    return any(w.weekday == weekday and w.from_minute <= minute and minute + minutes <= w.to_minute for w in wishes.hours)
