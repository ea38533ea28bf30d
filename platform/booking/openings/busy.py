"""What takes people's time: claims of bookings, and busy time from outside calendars. Read fresh, UTC seconds."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ARRAY, BigInteger, ColumnElement, CompoundSelect, ScalarSelect, all_, any_, bindparam, func, literal_column, null, or_, select
from sqlalchemy.dialects.postgresql import array

from booking.models import LONGEST_CLAIM_HOURS, Claim
from booking.openings.intervals import Interval
from booking.outside.models import OutsideInterval
from core.db import EPOCH, UtcInstant
from core.reading import Glance, Reading, second_at

# Nobody's buffers reach further than a claim is long.
REACH = timedelta(hours=LONGEST_CLAIM_HOURS)
MICROSECOND = timedelta(microseconds=1)

# Statements are built once: putting one together costs more than running it.
# Seconds come out of the database as they go into the engine: a hundred instants need not become datetimes first.
_claim, _interval = Claim.__table__.c, OutsideInterval.__table__.c
_SINCE, _UNTIL = bindparam("since", type_=UtcInstant), bindparam("until", type_=UtcInstant)
_IDS = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_CLAIMED = select(_claim.person_id, second_at(_claim.blocks_from), second_at(_claim.blocks_to)).where(
    _claim.person_id == _IDS,
    _claim.blocks,
    _claim.blocks_from >= _SINCE,
    _claim.blocks_from < _UNTIL,
    or_(_claim.lapses_at.is_(None), _claim.lapses_at > bindparam("now")),
    _claim.booking_id != all_(bindparam("ignoring", type_=ARRAY(BigInteger))),
)
_OUTSIDE = select(_interval.therapist_id, second_at(_interval.starts_at), second_at(_interval.ends_at)).where(
    _interval.therapist_id == _IDS, _interval.ends_at > _SINCE, _interval.starts_at < _UNTIL
)
_BUSY, _OUTSIDE_BUSY = Reading(_CLAIMED.union_all(_OUTSIDE)), Reading(_OUTSIDE)


def outside_busy_of(therapist_id: int, start: datetime, end: datetime) -> list[Interval]:
    """What the therapist's own calendars say between the two instants; it has no buffers of its own."""
    rows = _OUTSIDE_BUSY.tuples({"ids": [therapist_id], "since": start, "until": end})
    return [(start, end) for _, start, end in rows]


def busy_of(person_ids: Collection[int], start: datetime, end: datetime, *, now: datetime, ignoring: Collection[int] = ()) -> dict[int, list[Interval]]:
    """Claims in force and outside busy time of each person that may matter between the two instants. What has lapsed by `now` is not in force.

    The claims of the bookings `ignoring` (ids) are left out.
    """
    given = {"ids": list(person_ids), **reach_of(start, end), "now": now, "ignoring": list(ignoring)}
    busy: dict[int, list[Interval]] = {person_id: [] for person_id in person_ids}
    for person_id, low, high in _BUSY.tuples(given):
        busy[person_id].append((low, high))
    return busy


def reach_of(start: datetime, end: datetime) -> dict[str, datetime]:
    """Between which instants something begins that may matter between these two, as values of a statement."""
    return {"since": start - 2 * REACH, "until": end + REACH}


class Taken(NamedTuple):
    """Time that somebody's claim or outside calendar takes, in UTC seconds; `lapses_at`, in microseconds, is when it counts no more."""

    start: int
    end: int
    lapses_at: int | None


def _taken_of(person_id: ColumnElement[int]) -> CompoundSelect[*tuple[Any, ...]]:
    """Columns `start`, `end` and `lapses_at` of everything that takes this person's time, also of what has lapsed."""
    lapses = literal_column("CAST(extract(epoch FROM claims.lapses_at) * 1000000 AS bigint)", BigInteger)
    claim = (second_at(_claim.blocks_from).label("start"), second_at(_claim.blocks_to).label("end"), lapses.label("lapses_at"))
    claimed = select(*claim)
    outside = select(second_at(_interval.starts_at), second_at(_interval.ends_at), null())
    return claimed.where(_claim.person_id == person_id, _claim.blocks, _claim.blocks_from >= _SINCE, _claim.blocks_from < _UNTIL).union_all(
        outside.where(_interval.therapist_id == person_id, _interval.ends_at > _SINCE, _interval.starts_at < _UNTIL)
    )


_TAKEN = Glance(select(*_taken_of(bindparam("person_id", type_=BigInteger)).subquery().c))


def taken_of(person_id: int, start: datetime, end: datetime) -> list[Taken]:
    """What may matter between the two instants at any time, for whoever asks later what of it is in force."""
    return [Taken(low, high, lapses_at) for low, high, lapses_at, _ in _TAKEN.tuples({"person_id": person_id, **reach_of(start, end)})]


def own_taken() -> ScalarSelect[Any]:
    """The same of the person `client_id`, as one column of a statement: a list of lists."""
    own = _taken_of(bindparam("client_id", type_=BigInteger)).subquery()
    return select(func.array_agg(array([own.c.start, own.c.end, own.c.lapses_at]))).scalar_subquery()


def in_force(taken: Iterable[Taken], now: datetime) -> list[Interval]:
    """What of it takes time at this moment."""
    at = (now - EPOCH) // MICROSECOND
    return [(start, end) for start, end, lapses_at in taken if lapses_at is None or lapses_at > at]
