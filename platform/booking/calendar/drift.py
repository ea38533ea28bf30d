"""New clock rules: appointments keep the time of day that was agreed, in the zone of the therapist's schedule.

When the zone data is a newer edition than the one a coming booking was made under, its wall time may be another instant now. Where that instant is free, the
booking moves to it and everybody is told; where it is not, the booking stays, the desk has a case, and both sides are told. Nothing moves or stays in silence.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.sql.elements import ColumnElement

from accounts.models import Person
from booking.advance import client_ids_of, lock_row, move, told_together
from booking.expire import end_lapsed_of
from booking.letters import CLOCK_RULES, tell_of_clash
from booking.lifecycle import State
from booking.models import Booking, Claim
from booking.openings.availability import instant_of
from booking.openings.busy import busy_of
from booking.refusals import OpeningTaken
from booking.series.models import Series
from booking.series.plan import Rhythm
from core import audit
from core.clock import now as now_of_transaction
from core.db import db, lock_persons
from core.jobs import job, periodic
from core.zones import first_instant_reading, tzdata_version, utc_offset
from desk.cases import open_case

LIVE = (State.REQUESTED.value, State.CONFIRMED.value)
CASE, LOOKED_AT_WITHIN = "support", timedelta(hours=24)
# Somebody else's booking may still be about to leave the time; so often it is waited for.
MOST_TRIES, PAUSE = 10, timedelta(minutes=1)


@periodic("41 2 * * *", "booking.look_for_drift")
def look_for_drift() -> None:
    """Once a day, and when a worker starts: whose bookings were made under an older edition of the zone data."""
    for therapist_id in db.session.execute(select(Booking.therapist_id).where(*_outdated(now_of_transaction())).distinct()).scalars().all():
        follow_clocks.enqueue(therapist_id=therapist_id, tries=1)


@job("booking.follow_clocks")
def follow_clocks(therapist_id: int, tries: int) -> None:
    """Bring this therapist's coming bookings to the instants that their wall times are now."""
    now = now_of_transaction()
    mine = (*_outdated(now), Booking.therapist_id == therapist_id)
    people = select(Claim.person_id).join(Booking, Booking.id == Claim.booking_id).where(*mine).distinct()
    persons = db.session.execute(people).scalars().all()
    lock_persons(*persons)
    end_lapsed_of(persons, now=now)
    bookings = [lock_row(each) for each in db.session.execute(select(Booking.id).where(*mine).order_by(Booking.starts_at, Booking.id)).scalars().all()]
    for series_id in sorted({each.series_id for each in bookings if each.series_id is not None}):
        _follow_rhythm(series_id, bookings)
    left = _move_what_can(bookings, now=now)
    waiting = [booking for booking in left if tries < MOST_TRIES and _waits_for_another(booking, now=now)]
    if waiting:
        follow_clocks.enqueue_at(now + PAUSE, therapist_id=therapist_id, tries=tries + 1)
    for booking in left:
        if booking not in waiting:
            _leave(booking, now=now)


def agreed_instant(wall_start: str, zone_name: str, stored: datetime) -> datetime:
    """The instant that the agreed wall time is by today's rules; the stored one where its clock reads that time, also as the second of two readings."""
    wall, second = int(datetime.fromisoformat(wall_start).replace(tzinfo=UTC).timestamp()), int(stored.timestamp())
    return stored if second + utc_offset(zone_name, second) == wall else instant_of(first_instant_reading(zone_name, wall))


def _outdated(now: datetime) -> tuple[ColumnElement[bool], ...]:
    return Booking.tzdata != tzdata_version(), Booking.starts_at > now, Booking.state.in_(LIVE)


def _move_what_can(bookings: Sequence[Booking], *, now: datetime) -> list[Booking]:
    """Move each to its agreed instant; what is left has none that is free. One may wait for the time that another leaves, so it is tried until none moves."""
    left = []
    for booking in bookings:
        if _shift(booking):
            left.append(booking)
        else:
            booking.tzdata = tzdata_version()
    with told_together():
        moved = True
        while left and moved:
            stayed = [booking for booking in left if not _move(booking, now=now)]
            moved, left = len(stayed) < len(left), stayed
    return left


def _shift(booking: Booking) -> timedelta:
    return agreed_instant(booking.wall_start, booking.zone, booking.starts_at) - booking.starts_at


def _move(booking: Booking, *, now: datetime) -> bool:
    by = _shift(booking)
    start, end = booking.starts_at + by, booking.ends_at + by
    own = db.session.execute(select(Claim.blocks_from, Claim.blocks_to).where(Claim.booking_id == booking.id, Claim.role == "therapist")).one()
    block = (own.blocks_from + by, own.blocks_to + by)
    if start <= now or not _is_free(booking, (start, end), block, now=now):
        return False
    try:
        move(booking, session=(start, end), block=block, by=None, reason=CLOCK_RULES, now=now)
    except OpeningTaken:
        return False
    booking.tzdata = tzdata_version()
    # Whose own clock reads otherwise now did not ask for it: they may cancel free of charge, as after a move by the therapist.
    booking.moved_by_therapist = booking.moved_by_therapist or _reads_otherwise(booking)
    return True


def _is_free(booking: Booking, session: tuple[datetime, datetime], block: tuple[datetime, datetime], *, now: datetime) -> bool:
    needed = dict.fromkeys(client_ids_of(booking), session) | {booking.therapist_id: block}
    busy = busy_of(needed, min(block[0], session[0]), max(block[1], session[1]), now=now, ignoring=[booking.id])
    return not any(low < until.timestamp() and since.timestamp() < high for person, (since, until) in needed.items() for low, high in busy[person])


def _reads_otherwise(booking: Booking) -> bool:
    """Whether the clock on some client's wall is not the one on which the time was agreed, so that theirs has changed."""
    zones = db.session.execute(select(Person.zone).where(Person.id.in_(client_ids_of(booking)))).scalars()
    start = int(booking.starts_at.timestamp())
    return any(utc_offset(zone, start) != utc_offset(booking.zone, start) for zone in zones)


def _waits_for_another(booking: Booking, *, now: datetime) -> bool:
    """Whether some outdated booking of another therapist takes a client's time: it may be about to move too."""
    by = _shift(booking)
    theirs = select(Claim.id).join(Booking, Booking.id == Claim.booking_id).where(*_outdated(now), Booking.id != booking.id, Claim.blocks)
    taken = theirs.where(Claim.person_id.in_(client_ids_of(booking)), Claim.blocks_from < booking.ends_at + by, Claim.blocks_to > booking.starts_at + by)
    return db.session.execute(taken.limit(1)).first() is not None


def _leave(booking: Booking, *, now: datetime) -> None:
    booking.tzdata = tzdata_version()
    booking.moved_by_therapist = True  # its time of day is not what was agreed, so a client may cancel free of charge
    subject = ("booking", str(booking.public_id))
    facts = {"agreed": booking.wall_start, "zone": booking.zone, "reason": CLOCK_RULES}
    open_case(CASE, subject=subject, due_in=min(LOOKED_AT_WITHIN, booking.starts_at - now), facts=facts, now=now)
    audit.record("booking.clocks_clash", subject=("booking", booking.id), reason=CLOCK_RULES)
    tell_of_clash.enqueue(booking_id=booking.id)


def _follow_rhythm(series_id: int, bookings: Sequence[Booking]) -> None:
    """The rhythm of a series keeps its time of day as well, wherever single dates were moved."""
    series = db.session.execute(select(Series).where(Series.id == series_id).with_for_update()).scalar_one()
    series.starts_at = agreed_instant(series.wall_start, series.zone, series.starts_at)
    rhythm = Rhythm(int(series.starts_at.timestamp()), series.zone, series.every_weeks)
    for booking in bookings:
        if booking.series_id == series_id and booking.series_position is not None:
            start = rhythm.planned(booking.series_position).start
            booking.series_start = instant_of(start) if start is not None else booking.series_start
