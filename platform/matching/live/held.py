"""What one process holds of everybody: columns of a whole reading, those who changed since beside them, and how new that is."""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine

from booking.openings.offers import second_of
from core.db import db
from matching.live.reading import Known, everybody, these
from matching.market import HORIZON
from matching.snapshot.columns import MINUTE, Columns, columns_from
from matching.snapshot.encoding import Numbers
from matching.snapshot.joining import joined
from matching.snapshot.passing import as_of
from therapists.changes import changes_since

# Transactions begin in one order and ask in another; a clock that is further behind was put back.
OUT_OF_ORDER = timedelta(minutes=1)
# Whoever has not asked for so long reads everybody anew: then everybody is due.
READ_ANEW = timedelta(days=1)
# With more beside the columns than this, or a quarter of everybody, they are put behind those who are left; and now and then for the base to move on.
MOST_BESIDE, FEW_BESIDE, BASE_MOVES_AFTER = 1000, 50, timedelta(days=5)
# Therapists who are kept whole, because they are among the first of somebody's list: some kilobytes each.
MOST_NEAR = 2000


@dataclass(frozen=True)
class Part:
    """Columns in which the therapists `gone` (ids) count no more."""

    columns: Columns
    gone: frozenset[int]


@dataclass(frozen=True)
class Held:
    """`beside` are those who changed since, None for somebody who is not published any more. `good_until` is by row of the columns, UTC seconds.

    `asked_at` is how late the last question was: a clock that goes back makes it worthless.
    """

    columns: Columns
    good_until: Numbers
    odd: frozenset[int]
    beside: Mapping[int, Known | None]
    fresh: Columns | None
    seen: str
    asked_at: datetime
    _near: dict[int, Known] = field(default_factory=dict, compare=False, repr=False)
    _timed: dict[tuple[int, bool], tuple[Part, ...]] = field(default_factory=dict, compare=False, repr=False)

    def due(self, now: datetime) -> set[int]:
        """Whoever has to be read again, because the clock alone may have changed something."""
        ids = self.columns.ids[self.good_until <= now.timestamp()]
        return {int(each) for each in ids if int(each) not in self.beside} | {each for each, known in self.beside.items() if known and known.good_until <= now}

    @property
    def apart(self) -> frozenset[int]:
        """Published therapists whom no columns can hold."""
        odd = {each for each, known in self.beside.items() if known is not None and known.packed is None}
        return frozenset(odd | (self.odd - self.beside.keys()))

    def known(self, ids: Collection[int], *, now: datetime) -> dict[int, Known]:
        """These therapists as the columns have them, whole; whoever is not published any more is missing. Those who are often asked for are kept."""
        found = {each: known for each in ids if (known := self.beside.get(each) or self._near_still(each, now)) is not None}
        if missing := [each for each in ids if each not in found and each not in self.beside]:
            read = {each.therapist_id: each for each in these(missing, now=now)}
            if len(read) <= MOST_NEAR // 4:  # more are a page far down, which nobody asks for again
                if len(self._near) + len(read) > MOST_NEAR:
                    self._near.clear()
                self._near.update(read)
            found |= read
        return found

    def _near_still(self, therapist_id: int, now: datetime) -> Known | None:
        """First talks, which no column holds, have turning points of their own."""
        known = self._near.get(therapist_id)
        return known if known is not None and now < known.good_until else None

    def parts(self, now: datetime, *, signed_in: bool) -> tuple[Part, ...]:
        """The columns as they are at this moment, for guests or for somebody signed in; kept for the minute."""
        at = second_of(now)
        key = (-(-at // MINUTE), signed_in)
        found = self._timed.get(key)
        if found is None:
            until = second_of(now + HORIZON)
            both = [Part(self.columns, frozenset(self.beside)), *([Part(self.fresh, frozenset())] if self.fresh is not None else [])]
            timed = [replace(part, columns=as_of(part.columns, at, until)) for part in both]
            found = tuple(replace(part, columns=part.columns.for_members()) if signed_in else part for part in timed)
            for old in [each for each in list(self._timed) if each[0] != key[0]]:  # other threads keep minutes, too
                self._timed.pop(old, None)
            self._timed[key] = found
        return found


class Live:
    """The one of a database in this process. One thread at a time asks what changed; what they are given never changes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: Held | None = None

    def as_new_as_the_database(self, *, now: datetime) -> Held | None:
        """Everything that was committed before this call. None when this transaction itself has changed somebody: what may be rolled back is not kept."""
        with self._lock:
            held = self._held
            if held is not None and (now + OUT_OF_ORDER < held.asked_at or now - held.asked_at >= READ_ANEW):
                held = None
            changes = changes_since(held.seen if held else None)
            if changes.own:
                return None
            held = _read_anew(changes.seen, now) if held is None else _brought_up(held, changes.therapist_ids, changes.seen, now)
            self._held = held
            return held


_live: WeakKeyDictionary[Engine, Live] = WeakKeyDictionary()
_making = threading.Lock()


def live() -> Live:
    """That of the database which this session speaks to."""
    engine = db.session.get_bind().engine
    with _making:
        return _live.setdefault(engine, Live())


def _read_anew(seen: str, now: datetime) -> Held:
    packed, ends, odd = [], [], set[int]()
    for each in everybody(now=now):
        if each.packed is None:
            odd.add(each.therapist_id)
        else:
            packed.append(each.packed)
            ends.append(each.good_until.timestamp())
    columns = columns_from(packed, base=_base(now))
    return Held(columns, np.array(ends, dtype=np.float64), frozenset(odd), {}, None, seen, asked_at=now)


def _brought_up(held: Held, changed: frozenset[int], seen: str, now: datetime) -> Held:
    again = changed | held.due(now)
    if not again:
        return replace(held, seen=seen, asked_at=max(now, held.asked_at))
    beside: dict[int, Known | None] = {**held.beside, **dict.fromkeys(again)}
    beside |= {each.therapist_id: each for each in these(sorted(again), now=now)}
    near = {each: known for each, known in held._near.copy().items() if each not in again}  # noqa: SLF001 its own file
    packed = [each.packed for each in beside.values() if each is not None and each.packed is not None]
    # Read at different moments: the base is that of the oldest.
    fresh = columns_from(packed, base=held.columns.base) if packed else None
    found = replace(held, beside=beside, fresh=fresh, seen=seen, asked_at=max(now, held.asked_at), _near=near, _timed={})
    many = len(beside) > min(MOST_BESIDE, max(FEW_BESIDE, len(held.columns.ids) // 4))
    return _put_together(found, now) if many or _base(now) - held.columns.base > BASE_MOVES_AFTER.total_seconds() else found


def _put_together(held: Held, now: datetime) -> Held:
    """Those beside the columns behind those who are left of them: nobody is read."""
    keep = ~np.isin(held.columns.ids, np.array(sorted(held.beside), dtype=np.int64))
    fresh = held.fresh if held.fresh is not None else columns_from([], base=held.columns.base)
    ends = [each.good_until.timestamp() for each in held.beside.values() if each is not None and each.packed is not None]
    columns = joined(held.columns, keep, fresh, base=_base(now))
    return replace(held, columns=columns, good_until=np.r_[held.good_until[keep], ends], odd=held.apart, beside={}, fresh=None, _timed={})


def _base(now: datetime) -> int:
    return second_of(now) // MINUTE * MINUTE
