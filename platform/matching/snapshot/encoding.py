"""How facts become small numbers: sets of words as bits, repeated values as codes. Pure, exact both ways."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

WORD = 8
# For each bit of a byte, which of all bytes have it.
HAS_BIT = np.array([[byte >> bit & 1 for byte in range(2**WORD)] for bit in range(WORD)], dtype=np.uint8)
Rows = NDArray[np.intp]
Flags = NDArray[np.bool_]
Numbers = NDArray[np.float64]
Ints = NDArray[Any]


def smallest(values: Sequence[int]) -> Ints:
    """Whole numbers that are not negative, in the smallest type that holds them."""
    return np.array(values, dtype=np.min_scalar_type(max(values, default=0)))


def takes_words(most: int, bits: int) -> bool:
    """Whether sets of at most so many out of so many words take no more as `Sets.words` than as `Sets.places`."""
    return most * np.min_scalar_type(bits).itemsize >= -(-bits // WORD)


def words_of(row: Ints, bit: Ints, *, rows: int, bits: int) -> tuple[Ints, ...]:
    """`Sets.words` of these rows and bits, which belong together one by one."""
    held = np.zeros((bits, rows), dtype=np.bool_)
    held[bit, row] = True
    return tuple(np.packbits(held, axis=0, bitorder="little"))


@dataclass(frozen=True)
class Sets:
    """One set of words for each row: `bits` gives the place of each word.

    `words`: one array of bytes for every eight of them, a bit each, so that only those are read that hold what is asked for. Where rows have few words out
    of many, these take less as `places`: one array for the first word of each row, one for the second, and so on, with the number after the last place
    where there is none.
    """

    bits: Mapping[str, int]
    words: tuple[Ints, ...]
    places: tuple[Ints, ...]

    @classmethod
    def of(cls, sets: Sequence[Collection[str]]) -> "Sets":
        bits = {value: at for at, value in enumerate(sorted({value for each in sets for value in each}))}
        most = max((len(each) for each in sets), default=0)
        if takes_words(most, len(bits)):
            row, bit = np.array([(at, bits[value]) for at, each in enumerate(sets) for value in each], dtype=np.intp).reshape(-1, 2).T
            return cls(bits, words_of(row, bit, rows=len(sets), bits=len(bits)), ())
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
            part = mask >> (WORD * at) & 2**WORD - 1
            if part:
                found |= (word.take(rows) & np.uint8(part)) != 0
        return found

    def masks(self, rows: Rows, wanted: Sequence[Iterable[str]]) -> Ints:
        """For each row a number whose bit `n` says that it has any word of `wanted[n]`: one pass, however many (at most 64) are wanted."""
        codes: dict[int, int] = {}
        for number, each in enumerate(wanted):
            for bit in {self.bits[value] for value in each if value in self.bits}:
                codes[bit] = codes.get(bit, 0) | 1 << number
        kind = np.min_scalar_type((1 << len(wanted)) - 1)
        found: Ints = np.zeros(len(rows), dtype=kind)
        by_place: Ints = np.zeros(len(self.bits) + 1, dtype=kind)
        by_place[list(codes)] = list(codes.values())
        for place in self.places if codes else ():
            found |= by_place.take(place.take(rows))
        for at in sorted({bit // WORD for bit in codes} if self.words else ()):
            table = np.zeros(2**WORD, dtype=kind)
            for bit in range(at * WORD, at * WORD + WORD):
                if bit in codes:
                    table |= HAS_BIT[bit % WORD] * kind.type(codes[bit])
            found |= table.take(self.words[at].take(rows))
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
