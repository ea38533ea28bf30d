"""What happens by itself: a request that nobody answers is chased at half time and ends when its clock has run out."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.advance import lock_booking, lock_rows, told_together
from booking.ending import end_all_waiting
from booking.expiry import chase_due_at, desk_due_at
from booking.letters import chase_therapist
from booking.lifecycle import State
from booking.models import Booking, Claim
from booking.silence import UNANSWERED, mind_silence
from booking.unanswered import bring_to_desk
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job, periodic

HOLD_OVER = "hold_over"
SWEEP_AT_ONCE = 200


def expire_booking(booking: Booking, *, now: datetime) -> bool:
    """End what has lapsed by `now`; False when it has not, or was answered meanwhile. The caller holds the lock of its row."""
    return bool(expire_all([booking], now=now))


def expire_all(bookings: Iterable[Booking], *, now: datetime) -> list[Booking]:
    """The same for several, the dates of a series in as many statements as one; what it gives are those that ended."""
    lapsed = [booking for booking in bookings if booking.lapses_at is not None and booking.lapses_at <= now]
    together: dict[tuple[int, str], list[Booking]] = {}
    for booking in lapsed:
        together.setdefault((booking.series_id or -booking.id, booking.state), []).append(booking)
    for dates in together.values():
        was_request = dates[0].stands is State.REQUESTED
        end_all_waiting(dates, State.EXPIRED, by=None, reason=UNANSWERED if was_request else HOLD_OVER, now=now)
        if was_request:
            mind_silence(dates[0].therapist_id, now=now)
    return lapsed


def watch_request(booking: Booking, *, now: datetime) -> None:
    """Set the clocks of a request that begins to wait now."""
    assert booking.lapses_at is not None
    expire.enqueue_at(booking.lapses_at + timedelta(seconds=1), booking_id=booking.id)
    chase.enqueue_at(chase_due_at(now, booking.lapses_at), booking_id=booking.id)


def end_lapsed_of(person_ids: Collection[int], *, now: datetime) -> None:
    """End everything of these people that has lapsed, so that nothing dead keeps a living booking out. The caller holds their locks."""
    lapsed = select(Claim.booking_id).where(Claim.person_id.in_(person_ids), Claim.blocks, Claim.lapses_at <= now).distinct()
    found = db.session.execute(lapsed).scalars().all()
    if found:
        with told_together():
            expire_all(lock_rows(Booking.id.in_(found)), now=now)


@job("booking.expire")
def expire(booking_id: int) -> None:
    """A request's or a hold's clock has run out; the dates of a series end together."""
    booking, now = lock_booking(booking_id), now_of_transaction()
    dates = [booking] if booking.series_id is None else lock_rows(Booking.series_id == booking.series_id)
    with told_together():
        expire_all(dates, now=now)


@job("booking.chase")
def chase(booking_id: int) -> None:
    """Half of the time is over: remind the therapist, once, if the request still waits; and let a person look at it when that does not help."""
    now = now_of_transaction()
    chase_therapist(booking_id, now=now)
    booking = db.session.get_one(Booking, booking_id)
    if booking.stands is State.REQUESTED and booking.lapses_at is not None and booking.lapses_at > now:
        ask_desk.enqueue_at(desk_due_at(now, booking.lapses_at), booking_id=booking_id)


@job("booking.ask_desk")
def ask_desk(booking_id: int) -> None:
    """The reminder did not help: a person at the desk can still reach the therapist before the request ends."""
    bring_to_desk(lock_booking(booking_id), now=now_of_transaction())


@periodic("*/10 * * * *", "booking.sweep_lapsed")
def sweep_lapsed() -> None:
    """Should a clock's job be lost, this one finds what it left behind."""
    due = select(Booking.id).where(Booking.lapses_at <= now_of_transaction()).order_by(Booking.lapses_at).limit(SWEEP_AT_ONCE)
    for booking_id in db.session.execute(due).scalars().all():
        expire.enqueue(booking_id=booking_id)
