"""What takes people's time: claims of bookings, and busy time from outside calendars. Read fresh, UTC seconds."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, BigInteger, all_, any_, bindparam, or_, select

from booking.models import LONGEST_CLAIM_HOURS, Claim
from booking.openings.intervals import Interval
from booking.outside.models import OutsideInterval
from core.reading import Reading, second_at

# Statements are built once: putting one together costs more than running it.
# Seconds come out of the database as they go into the engine: a hundred instants need not become datetimes first.
_claim, _interval = Claim.__table__.c, OutsideInterval.__table__.c
_IDS = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_CLAIMED = select(_claim.person_id, second_at(_claim.blocks_from), second_at(_claim.blocks_to)).where(
    _claim.person_id == _IDS,
    _claim.blocks,
    _claim.blocks_from >= bindparam("since"),
    _claim.blocks_from < bindparam("until"),
    or_(_claim.lapses_at.is_(None), _claim.lapses_at > bindparam("now")),
    _claim.booking_id != all_(bindparam("ignoring", type_=ARRAY(BigInteger))),
)
_OUTSIDE = select(_interval.therapist_id, second_at(_interval.starts_at), second_at(_interval.ends_at)).where(
    _interval.therapist_id == _IDS, _interval.ends_at > bindparam("since"), _interval.starts_at < bindparam("until")
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
    # Nobody's buffers reach further than a claim is long.
    reach = timedelta(hours=LONGEST_CLAIM_HOURS)
    given = {"ids": list(person_ids), "since": start - 2 * reach, "until": end + reach, "now": now, "ignoring": list(ignoring)}
    busy: dict[int, list[Interval]] = {person_id: [] for person_id in person_ids}
    for person_id, low, high in _BUSY.tuples(given):
        busy[person_id].append((low, high))
    return busy
