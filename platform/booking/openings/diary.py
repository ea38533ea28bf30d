"""What one process keeps of therapists' time, for the answers that are asked for most: never believed without having asked whether it is still right.

A diary holds the facts from which the openings of one service come: its offer, what takes the therapist's time, and what counts towards limits, over a range
that holds most questions. Only the time of the question and its range vary after that; the engine runs for each answer. One small statement says whether a
transaction that the reading could not see has touched this therapist (`therapists.changes`, docs/adr/0016), and on the same trip hears the time and
reads what is the asking client's own. So an answer is as new as the database, and what lapses by the clock lapses at the moment of the answer.

A transaction that has itself touched somebody reads everything, and keeps nothing: it may yet be rolled back. What is judged under the locks of persons is
never judged by a diary.
"""

import threading
import time
import uuid
from bisect import bisect_left
from collections import OrderedDict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, select

from booking.openings.busy import Taken, in_force, own_taken, reach_of, taken_of
from booking.openings.facts import Facts
from booking.openings.intervals import Interval
from booking.openings.offers import Offer, offer_as_seen, second_of
from booking.openings.tallies import CountedSession, counted_sessions, tallies_from
from core.db import db
from core.reading import Glance
from therapists.changes import has_changed

# Starts that a diary answers for: what one question may span, and some weeks more, so that it is of use for some time.
BEHIND, AHEAD = timedelta(days=1), timedelta(days=90)
# No session is longer.
LONGEST = timedelta(days=1)
# Instants with which dates can be reckoned.
EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
# Seconds; long before lines of changes are forgotten.
READ_ANEW = timedelta(hours=12).total_seconds()
# Of all diaries of a process together, about a hundred bytes each; what was not asked for the longest goes first.
MOST_INTERVALS, OFFER_WEIGHS = 100_000, 100

_CHANGED = Glance(select(has_changed().label("changed")))
_CHANGED_AND_OWN = Glance(select(has_changed().label("changed"), own_taken().label("own")))


@dataclass(frozen=True, slots=True)
class Diary:
    """Facts about sessions that start in [first, until). `taken` is in order; what of it lapses stands apart. `seen` is what the reading could see at least."""

    offer: Offer
    first: datetime
    until: datetime
    taken: tuple[Interval, ...]
    lapsing: tuple[Taken, ...]
    counted: tuple[CountedSession, ...]
    seen: str
    read_at: float

    @property
    def weight(self) -> int:
        """In intervals."""
        return OFFER_WEIGHS + len(self.taken) + len(self.lapsing) + len(self.counted)

    def busy(self, end: datetime, *, now: datetime) -> list[Interval]:
        """What takes time at this moment and may matter for starts before `end`."""
        reach = second_of(reach_of(end, end + LONGEST)["until"])
        return [*self.taken[: bisect_left(self.taken, (reach, 0))], *in_force(self.lapsing, now)]


@dataclass(frozen=True, slots=True)
class DiaryPage:
    """A diary that is right now, with the own time of the client who asks about starts in [start, end)."""

    diary: Diary
    client_id: int | None
    start: datetime
    end: datetime
    own: tuple[Taken, ...]

    @property
    def offer(self) -> Offer:
        """The service as it can be booked now."""
        return self.diary.offer

    def facts(self, start: datetime, end: datetime, *, client_ids: Collection[int], now: datetime) -> Facts | None:
        """What is known about sessions that start between the two instants; None where that has to be read: for somebody else, or further away."""
        diary, own = self.diary, () if self.client_id is None else (self.client_id,)
        if tuple(client_ids) != own or not (diary.first <= start and end <= diary.until) or (own and not (self.start <= start and end <= self.end)):
            return None
        tallies = tallies_from(diary.offer, diary.counted, start, end, client_ids=own, now=now)
        return Facts(diary.busy(end, now=now), in_force(self.own, now), tallies)


def page_at_hand(service_id: uuid.UUID, start: datetime, end: datetime, *, client_id: int | None) -> DiaryPage | None:
    """What is kept of this service (its public id), if it is right; None where it has to be read. A block that asks this first hears the time with it."""
    diary = _diaries().of(service_id)
    if diary is None:
        return None
    start, end = max(start, EARLIEST), min(end, LATEST)
    given = {"therapist_id": diary.offer.therapist_id, "seen": diary.seen}
    if client_id is None:
        ((changed, _),) = _CHANGED.tuples(given)
        own = None
    else:
        ((changed, own, _),) = _CHANGED_AND_OWN.tuples({**given, "client_id": client_id, **reach_of(start, end + LONGEST)})
    return None if changed else DiaryPage(diary, client_id, start, end, tuple(map(Taken._make, own or ())))


def page_of(service_id: uuid.UUID, start: datetime, end: datetime, *, client_id: int | None, now: datetime) -> DiaryPage | None:
    """The same, read where nothing is at hand, and kept for the next question. None for a service that is not there or cannot be booked."""
    return page_at_hand(service_id, start, end, client_id=client_id) or read_page(service_id, start, end, client_id=client_id, now=now)


def read_page(service_id: uuid.UUID, start: datetime, end: datetime, *, client_id: int | None, now: datetime) -> DiaryPage | None:
    """Everything anew, for whoever has found nothing at hand."""
    found = offer_as_seen(service_id)
    if found is None:
        _diaries().forget(service_id)
        return None
    offer, seen, is_own = found  # what is committed after this, while the rest is read, counts as changed
    first, until = now - BEHIND, now + AHEAD
    taken = taken_of(offer.therapist_id, first, until + LONGEST)
    steady = tuple(sorted((each.start, each.end) for each in taken if each.lapses_at is None))
    lapsing = tuple(each for each in taken if each.lapses_at is not None)
    diary = Diary(offer, first, until, steady, lapsing, tuple(counted_sessions(offer, first, until)), seen, time.time())
    if not is_own:
        _diaries().keep(service_id, diary)
    start, end = max(start, EARLIEST), min(end, LATEST)
    own = () if client_id is None else tuple(taken_of(client_id, start, end + LONGEST))
    return DiaryPage(diary, client_id, start, end, own)


class Diaries:
    """Those of one database, by the public ids of services. Bounded by what they hold together."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[uuid.UUID, Diary] = OrderedDict()
        self.weight = 0

    def of(self, service_id: uuid.UUID) -> Diary | None:
        """What is kept, right or not."""
        with self._lock:
            found = self._kept.get(service_id)
            if found is None:
                return None
            self._kept.move_to_end(service_id)
        # Of a clock that was put back nothing follows.
        return found if 0 <= time.time() - found.read_at < READ_ANEW else None

    def keep(self, service_id: uuid.UUID, diary: Diary) -> None:
        with self._lock:
            self._drop(service_id)
            if diary.weight > MOST_INTERVALS // 4:
                return
            self._kept[service_id] = diary
            self.weight += diary.weight
            while self.weight > MOST_INTERVALS:
                self._drop(next(iter(self._kept)))

    def forget(self, service_id: uuid.UUID) -> None:
        with self._lock:
            self._drop(service_id)

    def _drop(self, service_id: uuid.UUID) -> None:
        gone = self._kept.pop(service_id, None)
        self.weight -= gone.weight if gone is not None else 0


_of_database: WeakKeyDictionary[Engine, Diaries] = WeakKeyDictionary()
_making = threading.Lock()


def _diaries() -> Diaries:
    engine = db.session.get_bind().engine
    with _making:
        return _of_database.setdefault(engine, Diaries())
