"""Therapists and their sessions as columns. Pure; immutable once built."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from matching.candidate import Candidate, OfferedService, Record
from matching.practicals import PRIOR_WEIGHT
from matching.snapshot.encoding import Coded, Ints, Numbers, Sets, smallest
from matching.weights import WEIGHTS

BETWEEN = "="
MINUTE = 60
# Minutes from `Columns.base` on, in two bytes: 45 days.
LATEST = 2**16 - 1


class CannotPack(ValueError):
    """A fact that the columns cannot hold exactly: it must be ranked by the specification."""


@dataclass(frozen=True)
class Columns:
    """One place in each array for each therapist (`ids` to `room`), or for each session service (`person` to `opening_count`).

    `openings` are whole minutes after `base` (UTC seconds), rising within a service, all services after each other. `postings`: by jurisdiction, the
    services in which an adult there who is new to the therapist may be treated, and how many of their first openings count. `effects`: by domain,
    therapists and what was measured. `lead` is the lead time in minutes, `waitlist` whether one is open; `for_members` gives what only the signed-in are shown.
    """

    base: int
    ids: Ints
    keys: NDArray[np.void]
    full_concerns: Sets
    all_concerns: Sets
    modalities: Sets
    verified_modalities: Sets
    languages: Sets
    access: Sets
    insurers: Sets
    shares: Sets
    experienced: Sets
    shares_if_asked: Sets
    experienced_if_asked: Sets
    member_shares: Sets
    member_experienced: Sets
    led: Coded
    intensity: Coded
    past: Coded
    warmth: Coded
    reliability: Coded
    answer_hours: Coded
    age_bands: Sets
    effects: Mapping[str, tuple[Ints, Numbers]]
    room: NDArray[np.bool_]
    waitlist: NDArray[np.bool_]
    person: Ints
    unit: Coded
    minutes: Coded
    fee: Ints
    lowest_fee: Ints
    currency: Coded
    modes: Sets
    town: Coded
    on_request: NDArray[np.bool_]
    lead: Coded
    opening_from: Ints
    opening_count: Ints
    openings: NDArray[np.uint16]
    postings: Mapping[str, "Posting"]

    @property
    def nbytes(self) -> int:
        """Bytes of all arrays."""
        held = [getattr(self, each.name) for each in fields(self) if each.name not in ("base", "effects", "postings")]
        held += [array for both in self.effects.values() for array in both]
        return sum(int(each.nbytes) for each in held) + sum(each.services.nbytes + each.allowed.nbytes for each in self.postings.values())

    def key(self, person: int) -> str:
        digits = self.keys[person].tobytes().hex()
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def for_members(self) -> "Columns":
        """The same as somebody signed in may see it."""
        return replace(self, shares=self.member_shares, experienced=self.member_experienced)


@dataclass(frozen=True)
class Posting:
    """Services of one jurisdiction in rising order, and how many of their openings, from the first on, count there."""

    services: Ints
    allowed: Ints


class Packed(NamedTuple):
    """A therapist on the way into the columns. `member` is what somebody signed in may see, None where it is no more; `leads` are minutes by service."""

    candidate: Candidate
    sessions: tuple[tuple[OfferedService, Mapping[str, int]], ...]
    member: Candidate | None = None
    leads: Mapping[int, int] = {}


Reach = Callable[[Candidate, OfferedService], Mapping[str, int]]


def columns_of(candidates: Iterable[Candidate], reach: Reach, *, base: int) -> Columns:
    """Pack these therapists. `reach` gives for a service the jurisdictions where it may be booked, and how many of its first openings count there.

    Raises `CannotPack` for an opening that is no whole minute within 45 days of `base`, or a key that is not a UUID.
    """
    return columns_from([packed(each, reach) for each in candidates], base=base)


def packed(candidate: Candidate, reach: Reach, *, member: Candidate | None = None, leads: Mapping[int, int] | None = None) -> Packed:
    """One therapist with the reach of each session service."""
    sessions = tuple((service, reach(candidate, service)) for service in candidate.services if service.facts.kind == "session")
    return Packed(candidate, sessions, member, leads or {})


def columns_from(given: Sequence[Packed], *, base: int) -> Columns:
    """As `columns_of`."""
    return Columns(base=base, **_of_people(given), **_of_services(given, base))


def reliability_of(record: Record) -> float:
    """As `practicals.responsiveness` says it."""
    unknown = PRIOR_WEIGHT * WEIGHTS.unknown
    return ((record.on_time + unknown) / (record.requests + PRIOR_WEIGHT) + (record.kept + unknown) / (record.appointments + PRIOR_WEIGHT)) / 2


def _of_people(given: Sequence[Packed]) -> dict[str, Any]:
    people, members = [each.candidate for each in given], [each.member or each.candidate for each in given]
    words = ("full_concerns", "all_concerns", "verified_modalities", "languages", "access", "insurers")
    identity = ("shares", "experienced", "shares_if_asked", "experienced_if_asked")
    styles = ("led", "intensity", "past", "warmth")
    return {
        "ids": smallest([each.therapist_id for each in people]),
        "keys": np.frombuffer(b"".join(_key(each.key) for each in people), dtype="V16"),
        "modalities": Sets.of([each.modalities | each.verified_modalities for each in people]),
        **{name: Sets.of([getattr(each, name) for each in people]) for name in words},
        **{name: Sets.of([_pairs(getattr(each, name)) for each in people]) for name in identity},
        **{f"member_{name}": Sets.of([_pairs(getattr(each, name)) for each in members]) for name in ("shares", "experienced")},
        **{name: Coded.of([getattr(each.style, name) for each in people]) for name in styles},
        "reliability": Coded.of([reliability_of(each.record) for each in people]),
        "answer_hours": Coded.of([each.record.expected_answer_hours for each in people]),
        "age_bands": Sets.of([each.standing.age_bands for each in people]),
        "effects": _effects(people),
        "room": np.array([each.has_room for each in people], dtype=np.bool_),
        "waitlist": np.array([each.waitlist_open for each in people], dtype=np.bool_),
    }


def _effects(people: list[Candidate]) -> dict[str, tuple[Ints, Numbers]]:
    """By domain, the few therapists with a measured effect, and its end nearer the prior mean."""
    found: dict[str, list[tuple[int, float]]] = {}
    for at, each in enumerate(people):
        for domain, effect in each.effects.items():
            found.setdefault(domain, []).append((at, effect.nearer_end()))
    return {domain: (smallest([at for at, _ in each]), np.array([end for _, end in each])) for domain, each in found.items()}


def _of_services(given: Sequence[Packed], base: int) -> dict[str, Any]:
    rows = [(person, service, reach) for person, each in enumerate(given) for service, reach in each.sessions]
    services = [service for _, service, _ in rows]
    counts = [len(service.openings) for service in services]
    return {
        "person": smallest([person for person, _, _ in rows]),
        "unit": Coded.of([each.facts.unit for each in services]),
        "minutes": Coded.of([each.minutes for each in services]),
        "fee": smallest([each.fee.amount for each in services]),
        "lowest_fee": smallest([_lowest(each) for each in services]),
        "currency": Coded.of([each.fee.currency for each in services]),
        "modes": Sets.of([each.facts.modes for each in services]),
        "town": Coded.of([None if each.town is None else each.town.strip().casefold() for each in services]),
        "on_request": np.array([each.on_request for each in services], dtype=np.bool_),
        "lead": Coded.of([given[person].leads.get(service.service_id, 0) for person, service, _ in rows]),
        "opening_from": smallest([0, *np.cumsum(counts).tolist()][:-1] if counts else []),
        "opening_count": smallest(counts),
        "openings": np.array([_minute(start, base) for each in services for start in each.openings], dtype=np.uint16),
        "postings": _postings([reach for _, _, reach in rows]),
    }


def _postings(reaches: list[Mapping[str, int]]) -> dict[str, Posting]:
    found: dict[str, tuple[list[int], list[int]]] = {}
    for at, reach in enumerate(reaches):
        for place, allowed in reach.items():
            services, counts = found.setdefault(place, ([], []))
            services.append(at)
            counts.append(allowed)
    return {place: Posting(smallest(services), smallest(counts)) for place, (services, counts) in found.items()}


def _pairs(stated: Mapping[str, frozenset[str]]) -> list[str]:
    return [f"{kind}{BETWEEN}{value}" for kind, values in stated.items() for value in values]


def _lowest(service: OfferedService) -> int:
    return min([service.fee.amount, *(each.amount for each in service.concessions if each.currency == service.fee.currency)])


def _minute(start: int, base: int) -> int:
    minute, second = divmod(start - base, MINUTE)
    if second or not 0 <= minute <= LATEST:
        raise CannotPack(f"opening {start} from {base}")
    return minute


def _key(key: str) -> bytes:
    try:
        return UUID(key).bytes
    except ValueError as error:
        raise CannotPack("a key that is not a UUID") from error
