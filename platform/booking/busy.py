"""What takes people's time: claims of bookings, and busy time from outside calendars. Read fresh, UTC seconds."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ARRAY, BigInteger, all_, any_, bindparam, or_, select

from booking.intervals import Interval
from booking.models import LONGEST_CLAIM_HOURS, Claim
from booking.outside_models import OutsideInterval
from core.db import db

# Statements are built once: putting one together costs more than running it.
_IDS = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_CLAIMED = select(Claim.person_id, Claim.blocks_from, Claim.blocks_to).where(
    Claim.person_id == _IDS,
    Claim.blocks,
    Claim.blocks_from >= bindparam("since"),
    Claim.blocks_from < bindparam("until"),
    or_(Claim.lapses_at.is_(None), Claim.lapses_at > bindparam("now")),
    Claim.booking_id != all_(bindparam("ignoring", type_=ARRAY(BigInteger))),
)
_OUTSIDE = select(OutsideInterval.therapist_id, OutsideInterval.starts_at, OutsideInterval.ends_at).where(
    OutsideInterval.therapist_id == _IDS, OutsideInterval.ends_at > bindparam("since"), OutsideInterval.starts_at < bindparam("until")
)
_BUSY = _CLAIMED.union_all(_OUTSIDE)


def outside_busy_of(therapist_id: int, start: datetime, end: datetime) -> list[Interval]:
    """What the therapist's own calendars say between the two instants; it has no buffers of its own."""
    rows = db.session.execute(_OUTSIDE, {"ids": [therapist_id], "since": start, "until": end})
    return [(int(starts_at.timestamp()), int(ends_at.timestamp())) for _, starts_at, ends_at in rows]


def busy_of(person_ids: Collection[int], start: datetime, end: datetime, *, now: datetime, ignoring: Collection[int] = ()) -> dict[int, list[Interval]]:
    """Claims in force and outside busy time of each person that may matter between the two instants. What has lapsed by `now` is not in force.

    The claims of the bookings `ignoring` (ids) are left out.
    """
    # Nobody's buffers reach further than a claim is long.
    reach = timedelta(hours=LONGEST_CLAIM_HOURS)
    given = {"ids": list(person_ids), "since": start - 2 * reach, "until": end + reach, "now": now, "ignoring": list(ignoring)}
    rows = db.session.execute(_BUSY, given)
    busy: dict[int, list[Interval]] = {person_id: [] for person_id in person_ids}
    for person_id, blocks_from, blocks_to in rows:
        busy[person_id].append((int(blocks_from.timestamp()), int(blocks_to.timestamp())))
    return busy
