"""What a ranking was made from, as plain values that can be kept and read again. Pure.

What a therapist states is the same for everybody who is ranked by it: it is kept once a version, under the digest of its own text, and says nothing of anybody
else. Sets become sorted lists, so that the same facts are always the same text; a field that a later version adds keeps its default when an older text is read.
"""

import hashlib
import json
import types
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import Any, NamedTuple, Union, get_args, get_origin, get_type_hints

from matching.candidate import Candidate, OfferedService
from matching.listing import SESSION
from matching.practicals import AVAILABILITY_DAYS
from matching.ranking import Ranked
from matching.wishes import Wishes, openings_in_hours
from therapists.standing import Standing

Plain = Any


def plain(value: Any) -> Plain:
    """Dataclasses as objects without fields at their default, sets and tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        kept = {each.name: getattr(value, each.name) for each in fields(value)}
        return {name: plain(held) for name, held in kept.items() if name not in _defaults(type(value)) or held != _defaults(type(value))[name]}
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, Mapping):
        return {key: plain(held) for key, held in sorted(value.items())}
    if isinstance(value, frozenset):
        return sorted(plain(each) for each in value)
    if isinstance(value, tuple):
        return [plain(each) for each in value]
    return value


def restored(kind: Any, value: Plain) -> Any:
    """What `plain` was given, by the types of the fields. TypeError for a field that is not there any more."""
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return None if value is None else restored(next(each for each in get_args(kind) if each is not type(None)), value)
    if origin is tuple:
        return tuple(restored(get_args(kind)[0], each) for each in value)
    if origin is frozenset:
        return frozenset(restored(get_args(kind)[0], each) for each in value)
    if origin is not None and issubclass(origin, Mapping):
        return {key: restored(get_args(kind)[1], held) for key, held in value.items()}
    if is_dataclass(kind) and isinstance(kind, type):
        hints = _hints(kind)
        return kind(**{name: restored(hints[name], held) if name in hints else held for name, held in value.items()})
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return kind(value)
    return float(value) if kind is float else value


class Version(NamedTuple):
    """What a therapist states, as one text, and the SHA-256 of it in hexadecimal digits."""

    digest: str
    therapist_id: int
    facts: str


def version_of(candidate: Candidate) -> Version:
    """All that a score looks at and no more, without openings: who may treat whom was asked before, and time is kept with each slate."""
    nobody = Standing(candidate.therapist_id, (), barred=False, units=frozenset(), age_bands=frozenset())
    sessions = tuple(replace(each, openings=()) for each in candidate.services if each.facts.kind == SESSION)
    stated = plain(replace(candidate, standing=nobody, services=sessions))
    facts = json.dumps(stated, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Version(digest_of(facts), candidate.therapist_id, facts)


def candidate_of(facts: str) -> Candidate:
    """The other way round."""
    candidate: Candidate = restored(Candidate, json.loads(facts))
    return candidate


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def openings_kept(ranked: Ranked, wishes: Wishes, *, now: datetime) -> list[int]:
    """The openings that a score looks at: the first one in UTC seconds, then the seconds from each to the next."""
    soon = int((now + timedelta(days=AVAILABILITY_DAYS)).timestamp())
    openings = [start for at, start in enumerate(openings_in_hours(wishes, ranked.service)) if at == 0 or start < soon]
    return [*openings[:1], *(after - before for before, after in pairwise(openings))]


def service_kept(candidate: Candidate, service_id: int, openings: Sequence[int] = ()) -> OfferedService:
    """One of their services, with what `openings_kept` gave."""
    service = next(each for each in candidate.services if each.service_id == service_id)
    return replace(service, openings=tuple(accumulate(openings)))


@lru_cache(maxsize=32)
def _hints(kind: type) -> Mapping[str, Any]:
    return get_type_hints(kind)


@lru_cache(maxsize=32)
def _defaults(kind: type) -> Mapping[str, Any]:
    """The values of fields that need not be given."""
    found = {}
    for each in fields(kind):
        if each.default is not MISSING:
            found[each.name] = each.default
        elif each.default_factory is not MISSING:
            found[each.name] = each.default_factory()
    return found
