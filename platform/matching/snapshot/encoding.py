"""How facts become small numbers: sets of words as bits, repeated values as codes. Pure, exact both ways."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
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
    """One set of words for each row: `bits` gives the place of each word, `words` one array for every 64 of them."""

    bits: Mapping[str, int]
    words: tuple[Ints, ...]

    @classmethod
    def of(cls, sets: Sequence[Collection[str]]) -> "Sets":
        bits = {value: at for at, value in enumerate(sorted({value for each in sets for value in each}))}
        masks = [sum(1 << bits[value] for value in set(each)) for each in sets]
        count = -(-len(bits) // WORD)
        return cls(bits, tuple(smallest([mask >> (WORD * at) & (2**WORD - 1) for mask in masks]) for at in range(count)))

    def touches(self, rows: Rows, values: Iterable[str]) -> Flags:
        """Whether each row has any of these words; a word that nobody has touches nobody."""
        found = np.zeros(len(rows), dtype=np.bool_)
        mask = sum(1 << self.bits[value] for value in set(values) if value in self.bits)
        for at, word in enumerate(self.words):
            part = mask >> (WORD * at) & (2**WORD - 1)
            if part:
                found |= (word.take(rows) & word.dtype.type(part & int(np.iinfo(word.dtype).max))) != 0
        return found

    @property
    def nbytes(self) -> int:
        return sum(word.nbytes for word in self.words)


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

    def equals(self, rows: Rows, value: Any) -> Flags:
        if value not in self.values:
            return np.zeros(len(rows), dtype=np.bool_)
        return np.asarray(self.codes.take(rows) == self.values.index(value))

    @property
    def nbytes(self) -> int:
        return self.codes.nbytes
