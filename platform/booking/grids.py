"""The starts that a window allows: every step of elapsed time from its beginning, or the wall clock's round minutes. Pure, UTC seconds.

Anchors come from windows alone: busy time, clipping, time off, lead time and the range of a query never move them.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from booking.intervals import Interval
from booking.schedule import DAY
from core.zones import utc_offset


class Grid(NamedTuple):
    """The starts `anchor + k * step` that lie in [low, high)."""

    anchor: int
    step: int
    low: int
    high: int


def grids_of(windows: Sequence[tuple[int, int, str]], *, step: int, align: Literal["window", "hour"]) -> Iterator[Grid]:
    """Grids of the windows (start, end, zone), in their order; `step` in seconds."""
    if align == "window":
        return (Grid(low, step, low, high) for low, high, _ in windows)
    return (grid for low, high, zone in windows for grid in _hour_grids(zone, step, low, high))


def starts_in(possible: Sequence[Interval], grids: Iterable[Grid]) -> list[int]:
    """Starts of the grids that lie in one of the sorted, disjoint intervals; rising, each once."""
    found: list[int] = []
    reached, in_order, count = 0, True, len(possible)
    for anchor, step, low, high in grids:
        if low < reached:
            in_order = False
        reached = max(reached, high)
        index = max(0, bisect_right(possible, (low, low)) - 1)
        while index < count and possible[index][0] < high:
            start, end = possible[index]
            index += 1
            if start < low:
                start = low
            if end > high:
                end = high
            if start < end:
                found += range(start + (anchor - start) % step, end, step)
    return found if in_order else sorted(set(found))


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
