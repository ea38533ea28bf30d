"""Half-open intervals [start, end) of integers, as plain pairs. Pure.

An interval whose end is not after its start is empty: it holds nothing, overlaps nothing and blocks nothing. Lists that these functions
return are sorted, pairwise disjoint and without empty members.
"""

from collections.abc import Iterable
from typing import TypeAlias

Interval: TypeAlias = tuple[int, int]


def is_empty(interval: Interval) -> bool:
    """Whether it holds no integer at all."""
    return interval[1] <= interval[0]


def overlap(one: Interval, other: Interval) -> bool:
    """Whether the two share at least one integer; touching is not overlapping, and an empty interval overlaps nothing."""
    return max(one[0], other[0]) < min(one[1], other[1])


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same integers in as few intervals as possible: those that overlap or touch become one."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if end <= start:
            continue
        if merged and start <= merged[-1][1]:
            if end > merged[-1][1]:
                merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def subtract(intervals: Iterable[Interval], removed: Iterable[Interval]) -> list[Interval]:
    """The integers of `intervals` that no member of `removed` holds; an empty member of `removed` removes nothing."""
    return cut(merge(intervals), sorted(removed))


def cut(pieces: Iterable[Interval], holes: list[Interval]) -> list[Interval]:
    """The same for pieces that are sorted and disjoint and holes that are sorted by their start: one pass over both."""
    left: list[Interval] = []
    first, count = 0, len(holes)
    for at, end in pieces:
        # Only holes that end before every later piece may be left behind for good.
        while first < count and holes[first][1] <= at:
            first += 1
        cursor = first
        while cursor < count:
            low, high = holes[cursor]
            if low >= end:
                break
            if high > low and high > at:
                if low > at:
                    left.append((at, low))
                at = high  # noqa: PLW2901 the rest of this piece
                if at >= end:
                    break
            cursor += 1
        if at < end:
            left.append((at, end))
    return left


def clip(intervals: Iterable[Interval], bounds: Interval) -> list[Interval]:
    """What of `intervals` lies within `bounds`, merged."""
    low, high = bounds
    return merge((max(start, low), min(end, high)) for start, end in intervals)


def covers(intervals: Iterable[Interval], wanted: Interval) -> bool:
    """Whether every integer of `wanted` lies in one of `intervals`; an empty `wanted` is always covered."""
    return not subtract([wanted], intervals)
