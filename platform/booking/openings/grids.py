"""The starts that a window allows: every step of elapsed time from its beginning, or the wall clock's round minutes. Pure, UTC seconds.

Anchors come from windows alone: busy time, clipping, time off, lead time and the range of a query never move them.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from booking.openings.intervals import Interval
from booking.openings.schedule import DAY
from core.zones import utc_offset


class Grid(NamedTuple):
    """The starts `anchor + k * step` that lie in [low, high)."""

    anchor: int
    step: int
    low: int
    high: int


def grid_starts(windows: Iterable[tuple[int, int, str]], step: int, align: Literal["window", "hour"]) -> list[int]:
    """Every start that the windows (start, end, zone) allow, rising, each once; `step` in seconds."""
    if align == "window":
        starts = [start for low, high, _ in windows for start in range(low, high, step)]
    else:
        grids = (grid for low, high, zone in windows for grid in _hour_grids(zone, step, low, high))
        starts = [start for anchor, step, low, high in grids for start in range(low + (anchor - low) % step, high, step)]
    return sorted(set(starts))


# A plain week is asked for again and again; its starts are the same until the day is over.
kept_grid_starts = lru_cache(maxsize=128)(grid_starts)


def starts_in(possible: Iterable[Interval], starts: Sequence[int]) -> list[int]:
    """Those of the rising starts that lie in one of the sorted, disjoint intervals."""
    found: list[int] = []
    after = 0
    for low, high in possible:
        first = bisect_left(starts, low, after)
        after = bisect_left(starts, high, first)
        found += starts[first:after]
    return found


def _hour_grids(zone: str, step: int, low: int, high: int) -> Iterator[Grid]:
    """One grid for each stretch of a window in which the offset and the local date stay the same; its anchor is the stretch's local
    midnight.
    """
    while low < high:
        offset = utc_offset(zone, low)
        midnight = (low + offset) // DAY * DAY - offset
        end = _offset_until(zone, low, min(high, midnight + DAY), offset)
        yield Grid(anchor=midnight, step=step, low=low, high=end)
        low = end


def _offset_until(zone: str, low: int, high: int, offset: int) -> int:
    """Where in (low, high] the offset in force at `low` ends; a stretch of a day holds at most one change of clocks."""
    if utc_offset(zone, high - 1) == offset:
        return high
    while low + 1 < high:
        middle = (low + high) // 2
        if utc_offset(zone, middle) == offset:
            low = middle
        else:
            high = middle
    return high
