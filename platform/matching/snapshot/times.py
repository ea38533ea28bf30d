"""Openings of many services at once: which lie in the hours that were named, the first of them, and how many come soon. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.zones import utc_offset
from matching.practicals import AVAILABILITY_DAYS, DAY, ENOUGH_OPENINGS, LATEST_CREDIT
from matching.snapshot.columns import MINUTE, Columns
from matching.snapshot.encoding import Flags, Ints, Numbers, Rows
from matching.wishes import Wishes

WEEK, DAY_MINUTES, HOUR = 7 * 1440, 1440, 3600
# 1970-01-01 was a Thursday; weekday 0 is Monday.
THURSDAY = 3
NEVER = np.int64(2**62)


@dataclass(frozen=True)
class Times:
    """For each row, UTC seconds of its first few openings that count, rising, `NEVER` where there are fewer; `bookable`: any, whatever the hours."""

    first: NDArray[np.int64]
    bookable: Flags

    @property
    def fitting(self) -> Flags:
        return np.asarray(self.first[:, 0] != NEVER)


def times_of(columns: Columns, rows: Rows, allowed: Ints, wishes: Wishes, *, before: float | None, busy: Sequence[tuple[int, int]] = ()) -> Times:
    """The first `ENOUGH_OPENINGS` of each row that lie in the hours (all, where none were named) and start before `before` (UTC seconds).

    Sessions that would overlap the client's own time `busy` (half-open, UTC seconds) are no openings for them.
    """
    ahead = _ahead(columns, rows, allowed, before)
    if not wishes.hours and not busy:
        return Times(ahead, np.asarray(ahead[:, 0] != NEVER))
    owner, starts = _spread(columns, rows, allowed)
    counting = np.ones(len(owner), dtype=np.bool_) if before is None else starts < before
    if busy:
        lasts = np.array(columns.minutes.values or (0,), dtype=np.int64).take(columns.minutes.codes.take(rows)[owner]) * MINUTE
        for begin, end in busy:
            counting &= (starts >= end) | (starts + lasts <= begin)
    bookable = np.bincount(owner[counting], minlength=len(rows)) > 0
    inside = counting & _inside(columns, rows, owner, starts, wishes) if wishes.hours else counting
    owner, starts = owner[inside], starts[inside]
    first = np.full((len(rows), ENOUGH_OPENINGS), NEVER)
    if len(owner):
        begins = np.flatnonzero(np.r_[True, owner[1:] != owner[:-1]])
        place = np.arange(len(owner)) - np.repeat(begins, np.diff(np.r_[begins, len(owner)]))
        few = place < ENOUGH_OPENINGS
        first[owner[few], place[few]] = starts[few]
    return Times(first, bookable)


def availability(columns: Columns, rows: Rows, people: Rows, times: Times, zone: str, now: int) -> Numbers:
    """As `practicals.availability`."""
    first = times.first
    hours = columns.answer_hours.each(people, {value: float(round(value * HOUR)) for value in columns.answer_hours.values})
    wait = np.where(columns.on_request.take(rows), hours, 0.0).astype(np.int64)
    fitting = times.fitting
    soon = np.where(first == NEVER, NEVER, first + wait[:, None])
    plenty = (soon < now + AVAILABILITY_DAYS * DAY).sum(axis=1) / ENOUGH_OPENINGS
    at = np.where(fitting, soon[:, 0], now)
    days = np.maximum((at + offsets(zone, at)) // DAY - (now + utc_offset(zone, now)) // DAY, 0)
    near = 1.0 - (1.0 - LATEST_CREDIT) * np.minimum(days, AVAILABILITY_DAYS) / AVAILABILITY_DAYS
    return np.where(fitting, (plenty + near) / 2, 0.0)


def offsets(zone: str, at: NDArray[np.int64]) -> Any:
    """Seconds that clocks in `zone` are ahead of UTC at each instant; one number where they are not changed in between."""
    if not len(at):
        return 0
    changes, known = _clocks(zone, int(at.min()) // DAY, int(at.max()) // DAY + 1)
    return known[0] if len(known) == 1 else np.array(known)[np.searchsorted(np.array(changes), at, side="right") - 1]


@lru_cache(maxsize=1_024)
def _clocks(zone: str, first: int, last: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """From which instant on the clocks have which offset, between two days (numbers since 1970, UTC)."""
    changes, known = [first * DAY], [utc_offset(zone, first * DAY)]
    for day in range(first + 1, last + 1):
        offset = utc_offset(zone, day * DAY)
        if offset != known[-1]:
            changes.append(_change(zone, (day - 1) * DAY, day * DAY))
            known.append(offset)
    return tuple(changes), tuple(known)


def _change(zone: str, before: int, after: int) -> int:
    """The first second with the offset of `after`."""
    while after - before > 1:
        middle = (before + after) // 2
        before, after = (middle, after) if utc_offset(zone, middle) == utc_offset(zone, before) else (before, middle)
    return after


def _ahead(columns: Columns, rows: Rows, allowed: Ints, before: float | None) -> NDArray[np.int64]:
    """The first few allowed openings before `before`."""
    if not len(columns.openings):
        return np.full((len(rows), ENOUGH_OPENINGS), NEVER)
    places = np.arange(ENOUGH_OPENINGS)
    at = columns.opening_from.take(rows).astype(np.int64)[:, None] + places
    starts = columns.base + columns.openings.take(at, mode="clip").astype(np.int64) * MINUTE
    there = places < allowed[:, None]
    if before is not None:
        there &= starts < before
    return np.where(there, starts, NEVER)


def _spread(columns: Columns, rows: Rows, allowed: Ints) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Every allowed opening with the place of its row."""
    counts = allowed.astype(np.int64)
    owner = np.repeat(np.arange(len(rows)), counts)
    begins = columns.opening_from.take(rows).astype(np.int64) - np.r_[0, np.cumsum(counts)[:-1]] if len(rows) else np.zeros(0, dtype=np.int64)
    at = np.arange(len(owner)) + np.repeat(begins, counts)
    return owner, columns.base + columns.openings[at].astype(np.int64) * MINUTE


def _inside(columns: Columns, rows: Rows, owner: NDArray[np.int64], starts: NDArray[np.int64], wishes: Wishes) -> Flags:
    """As `wishes.openings_in_hours`: a table of the week's minutes for each length of session."""
    week = ((starts + offsets(wishes.zone, starts)) // MINUTE + THURSDAY * DAY_MINUTES) % WEEK
    tables = np.zeros((max(len(columns.minutes.values), 1), WEEK), dtype=np.bool_)
    for table, minutes in zip(tables, columns.minutes.values, strict=False):
        for window in wishes.hours:
            last = window.to_minute - minutes
            if last >= window.from_minute:
                begin = window.weekday * DAY_MINUTES
                table[begin + window.from_minute : begin + min(last, DAY_MINUTES - 1) + 1] = True
    return np.asarray(tables[columns.minutes.codes.take(rows)[owner], week])
