"""What a ranking was made from, as plain values that can be kept and read again. Pure.

Sets become sorted lists, so that the same facts are always the same text; a field that a later version adds keeps its default when an older text is read.
"""

import types
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Any, Union, get_args, get_origin, get_type_hints

from matching.candidate import Candidate, OfferedService
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


def kept_of(ranked: Ranked, wishes: Wishes, *, now: datetime) -> Plain:
    """A therapist and the service that was scored, with all that the score looks at and no more: who may treat whom was asked before."""
    openings = openings_in_hours(wishes, ranked.service)
    soon = int((now + timedelta(days=AVAILABILITY_DAYS)).timestamp())
    service = replace(ranked.service, openings=tuple(start for at, start in enumerate(openings) if at == 0 or start < soon))
    nobody = Standing(ranked.candidate.therapist_id, (), barred=False, units=frozenset(), age_bands=frozenset())
    return plain(replace(ranked.candidate, standing=nobody, services=(service,)))


def candidate_kept(value: Plain) -> tuple[Candidate, OfferedService]:
    """The other way round."""
    candidate: Candidate = restored(Candidate, value)
    return candidate, candidate.services[0]


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
