"""How facts become small numbers: sets of words as bits, repeated values as codes. Pure, exact both ways."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = 64
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Ints = NDArray[Any]


def smallest(values: Sequence[int]) -> Ints:
    """Whole numbers that are not negative, in the smallest type that holds them."""
    return np.array(values, dtype=np.min_scalar_type(max(values, default=0)))


@dataclass(frozen=True)
class Sets:
    """One set of words for each row: `bits` gives the place of each word.

    `words`: one array for every 64 of them, a bit each. Where rows have few words out of many, these take less as `places`: one array for the first word
    of each row, one for the second, and so on, with the number after the last place where there is none.
    """

    bits: Mapping[str, int]
    words: tuple[Ints, ...]
    places: tuple[Ints, ...]

    @classmethod
    def of(cls, sets: Sequence[Collection[str]]) -> "Sets":
        bits = {value: at for at, value in enumerate(sorted({value for each in sets for value in each}))}
        masks = [sum(1 << bits[value] for value in set(each)) for each in sets]
        words = tuple(smallest([mask >> (WORD * at) & (2**WORD - 1) for mask in masks]) for at in range(-(-len(bits) // WORD)))
        most = max((len(each) for each in sets), default=0)
        if most * np.min_scalar_type(len(bits)).itemsize >= sum(word.itemsize for word in words):
            return cls(bits, words, ())
        lists = [[*sorted(bits[value] for value in each), *[len(bits)] * (most - len(each))] for each in sets]
        return cls(bits, (), tuple(smallest([each[at] for each in lists]) for at in range(most)))

    def touches(self, rows: Rows, values: Iterable[str]) -> Flags:
        """Whether each row has any of these words; a word that nobody has touches nobody."""
        found = np.zeros(len(rows), dtype=np.bool_)
        wanted = [self.bits[value] for value in set(values) if value in self.bits]
        if not wanted:
            return found
        table = np.zeros(len(self.bits) + 1, dtype=np.bool_)
        table[wanted] = True
        for place in self.places:
            found |= table.take(place.take(rows))
        mask = sum(1 << at for at in wanted)
        for at, word in enumerate(self.words):
            part = mask >> (WORD * at) & int(np.iinfo(word.dtype).max)
            if part:
                found |= (word.take(rows) & word.dtype.type(part)) != 0
        return found

    def masks(self, rows: Rows, wanted: Sequence[Iterable[str]]) -> Ints:
        """For each row a number whose bit `n` says that it has any word of `wanted[n]`: one pass, however many (at most 64) are wanted."""
        sets = [{self.bits[value] for value in each if value in self.bits} for each in wanted]
        table: Ints = np.zeros(len(self.bits) + 1, dtype=np.min_scalar_type((1 << len(sets)) - 1))
        for number, each in enumerate(sets):
            table[list(each)] |= table.dtype.type(1 << number)
        found: Ints = np.zeros(len(rows), dtype=table.dtype)
        for place in self.places:
            found |= table.take(place.take(rows))
        for at, word in enumerate(self.words):
            held = word.take(rows)
            for number, each in enumerate(sets):
                part = sum(1 << bit for bit in each) >> (WORD * at) & int(np.iinfo(word.dtype).max)
                if part:
                    found |= ((held & word.dtype.type(part)) != 0) * table.dtype.type(1 << number)
        return found

    @property
    def nbytes(self) -> int:
        return sum(each.nbytes for each in (*self.words, *self.places))


@dataclass(frozen=True)
class Coded:
    """One value for each row, out of a few: `values` and the place of each row's among them."""

    values: tuple[Any, ...]
    codes: Ints

    @classmethod
    def of(cls, values: Sequence[Any]) -> "Coded":
        places: dict[Any, int] = {}
        codes = [places.setdefault(value, len(places)) for value in values]
        return cls(tuple(places), smallest(codes))

    def each(self, rows: Rows, read: Mapping[Any, float]) -> Numbers:
        """A number for the value of each row."""
        return np.array([read[value] for value in self.values] or [0.0]).take(self.codes.take(rows))

    @cached_property
    def _numbers(self) -> Numbers:
        return np.array(self.values or [0.0], dtype=np.float64)

    def numbers(self, rows: Rows) -> Numbers:
        """The values themselves, which are numbers."""
        return self._numbers.take(self.codes.take(rows))

    def equals(self, rows: Rows, value: Any) -> Flags:
        if value not in self.values:
            return np.zeros(len(rows), dtype=np.bool_)
        return np.asarray(self.codes.take(rows) == self.values.index(value))

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes
