"""Two columns as one, without reading anybody again: those who are left of the older ones, and the newer ones behind them. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from matching.snapshot.columns import MINUTE, Columns, Posting
from matching.snapshot.encoding import WORD, Coded, Flags, Ints, Numbers, Rows, Sets, takes_words, words_of
from matching.snapshot.passing import below, smallest_of

OF_SERVICES = frozenset({"unit", "minutes", "fee", "lowest_fee", "currency", "modes", "town", "on_request", "lead"})
MADE_ANEW = frozenset({"base", "person", "opening_from", "opening_count", "openings", "effects", "postings"})


@dataclass(frozen=True)
class _Left:
    """What is taken of columns: rows of people and of services, and how many openings of each service lie before the new base."""

    columns: Columns
    people: Rows
    services: Rows
    gone: Ints
    shift: int

    @classmethod
    def of(cls, columns: Columns, keep: Flags, base: int) -> "_Left":
        services = np.flatnonzero(keep.take(columns.person))
        shift = (base - columns.base) // MINUTE
        return cls(columns, np.flatnonzero(keep), services, below(columns, np.full(len(columns.person), shift)), shift)

    @property
    def counts(self) -> Ints:
        return (self.columns.opening_count.astype(np.int64) - self.gone).take(self.services)

    def openings(self) -> Ints:
        counts = self.counts
        begins = (self.columns.opening_from.astype(np.int64) + self.gone).take(self.services)
        at = np.arange(int(counts.sum())) + np.repeat(begins - np.r_[0, np.cumsum(counts)[:-1]], counts) if len(counts) else np.zeros(0, dtype=np.int64)
        return self.columns.openings.astype(np.int64).take(at) - self.shift


def joined(old: Columns, keep: Flags, new: Columns, *, base: int) -> Columns:
    """The people of `old` that `keep` says, then those of `new`. `base` (UTC seconds, whole minutes apart from both) is no later than now."""
    left = [_Left.of(old, keep, base), _Left.of(new, np.ones(len(new.ids), dtype=np.bool_), base)]
    counts = np.concatenate([each.counts for each in left])
    made: dict[str, Any] = {
        "base": base,
        "person": smallest_of(_renumbered(left)),
        "opening_from": smallest_of(np.r_[0, np.cumsum(counts)[:-1]] if len(counts) else counts),
        "opening_count": smallest_of(counts),
        "openings": np.concatenate([each.openings() for each in left]).astype(np.uint16),
        "effects": _effects(left),
        "postings": _postings(left),
    }
    for name in (each.name for each in fields(Columns) if each.name not in MADE_ANEW):
        made[name] = _side_by_side([(getattr(each.columns, name), each.services if name in OF_SERVICES else each.people) for each in left])
    return Columns(**made)


def _renumbered(left: list[_Left]) -> Ints:
    """For each service the new row of its person."""
    first, second = left
    found = [np.searchsorted(each.people, each.columns.person.take(each.services)) for each in left]
    return np.concatenate([found[0], found[1] + len(first.people)]) if len(second.services) else found[0]


def _side_by_side(parts: list[tuple[Any, Rows]]) -> Any:
    kind = parts[0][0]
    if isinstance(kind, Sets):
        return _sets([(each, rows) for each, rows in parts])
    if isinstance(kind, Coded):
        return _coded([(each, rows) for each, rows in parts])
    both = np.concatenate([each.take(rows) for each, rows in parts])
    return smallest_of(both) if both.dtype.kind in "iu" else both


def _coded(parts: list[tuple[Coded, Rows]]) -> Coded:
    places: dict[Any, int] = {}
    codes = []
    for each, rows in parts:
        anew = np.array([places.setdefault(value, len(places)) for value in each.values] or [0])
        codes.append(anew.take(each.codes.take(rows)))
    return Coded(tuple(places), smallest_of(np.concatenate(codes)))


def _sets(parts: list[tuple[Sets, Rows]]) -> Sets:
    bits = {value: at for at, value in enumerate(sorted({value for each, _ in parts for value in each.bits}))}
    row, bit, before = [], [], 0
    for each, rows in parts:
        anew = np.array([bits[value] for value in sorted(each.bits, key=each.bits.__getitem__)] or [0])
        held_row, held_bit = _held(each, rows)
        row.append(held_row + before)
        bit.append(anew.take(held_bit))
        before += len(rows)
    return _encoded(bits, np.concatenate(row), np.concatenate(bit), before)


def _held(sets: Sets, rows: Rows) -> tuple[Ints, Ints]:
    """Every word of every row, as the place of the row and the bit."""
    found: list[tuple[Ints, Ints]] = [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
    for place in sets.places:
        held = place.take(rows).astype(np.int64)
        there = np.flatnonzero(held < len(sets.bits))
        found.append((there, held[there]))
    for bit in range(len(sets.bits) if sets.words else 0):
        there = np.flatnonzero(sets.words[bit // WORD].take(rows) & np.uint8(1 << bit % WORD))
        found.append((there, np.full(len(there), bit)))
    return np.concatenate([each for each, _ in found]), np.concatenate([each for _, each in found])


def _encoded(bits: Mapping[str, int], row: Ints, bit: Ints, rows: int) -> Sets:
    """As `Sets.of` would, whichever form takes less."""
    order = np.lexsort((bit, row))
    row, bit = row[order], bit[order]
    place = np.arange(len(row)) - np.searchsorted(row, row)
    most = int(place.max(initial=-1)) + 1
    smallest = np.min_scalar_type(len(bits))
    if takes_words(most, len(bits)):
        return Sets(bits, words_of(row, bit, rows=rows, bits=len(bits)), ())
    places = [np.full(rows, len(bits), dtype=smallest) for _ in range(most)]
    for at, each in enumerate(places):
        each[row[place == at]] = bit[place == at]
    return Sets(bits, (), tuple(places))


def _effects(left: list[_Left]) -> dict[str, tuple[Ints, Numbers]]:
    found: dict[str, list[tuple[Ints, Numbers]]] = {}
    before = 0
    for each in left:
        for domain, (people, ends) in each.columns.effects.items():
            there = np.isin(people, each.people)
            found.setdefault(domain, []).append((np.searchsorted(each.people, people[there]) + before, ends[there]))
        before += len(each.people)
    return {domain: (smallest_of(np.concatenate([at for at, _ in parts])), np.concatenate([end for _, end in parts])) for domain, parts in found.items()}


def _postings(left: list[_Left]) -> dict[str, Posting]:
    found: dict[str, list[tuple[Ints, Ints]]] = {}
    before = 0
    for each in left:
        for place, posting in each.columns.postings.items():
            services = posting.services.astype(np.int64)
            there = np.isin(services, each.services)
            allowed = np.maximum(posting.allowed.astype(np.int64) - each.gone.take(services), 0)
            found.setdefault(place, []).append((np.searchsorted(each.services, services[there]) + before, allowed[there]))
        before += len(each.services)
    return {
        place: Posting(smallest_of(np.concatenate([at for at, _ in parts])), smallest_of(np.concatenate([count for _, count in parts])))
        for place, parts in found.items()
    }
