"""All dates of a series, held together for ten minutes while its first date is paid: they become bookings together, or none does."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_

from booking.advance import advance_all, lock_rows, told_together
from booking.ending import end_all_waiting
from booking.hold import HOLD, first_state, require_all_confirmable, require_live
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.due import PURPOSE, PaidMeanwhile, require_series_paid, require_way_to_pay
from booking.paying.price import Chosen, choose_price
from booking.place import require_room_for
from booking.series.book import Repeated, prepare_series, settle_series, write_series
from booking.series.lock import series_under_lock
from booking.series.models import Series
from care.capacity import reserve_places
from core.errors import NotFound
from payments.give_up import GivenUp, give_up_all


def hold_series(
    client_id: int,
    service_id: uuid.UUID,
    start: datetime,
    repeated: Repeated,
    chosen: Chosen,
    *,
    now: datetime,
    title: str | None = None,
    origin: str = "directory",
) -> Series:
    """Hold every date for this client, each at the price that is `chosen` for all of them. Refusals are those of `book_series` and `choose_price`, and
    `too_many_holds`: a series counts as one.
    """
    ready = prepare_series(client_id, service_id, start, repeated, title=title, origin=origin, now=now)
    require_way_to_pay(ready.wanted.offer, held=True)
    require_room_for(ready.first, State.HELD, now=now)
    lapses_at = now + HOLD
    series, bookings = write_series(ready.wanted, ready.rhythm, ready.dates, State.HELD, lapses_at=lapses_at, held_for="booking", now=now)
    reserve_places(series.therapist_id, ready.wanted.client_ids, until=lapses_at)
    if chosen != Chosen():
        for booking in bookings:
            choose_price(booking.public_id, chosen, by=client_id, now=now)
    return series


def confirm_own_series(public_id: uuid.UUID, *, by: int, now: datetime) -> Series:
    """A held series whose dates cost nothing here becomes bookings. NotFound, HoldExpired, BookingEnded, PaymentNeeded, and those of `require_confirmable`."""
    series, dates = series_under_lock(public_id, person_id=by)
    confirm_held(held_dates(dates, now=now), by=by, now=now)
    return series


def release_series(public_id: uuid.UUID, *, by: int, now: datetime) -> Series:
    """Give all dates back. While the checkout is open they stay held: it is closed at the card processor first. NotFound, HoldExpired, PaidMeanwhile."""
    series, dates = series_under_lock(public_id, person_id=by)
    held = held_dates(dates, now=now)
    release_all(held, by=by, reason=None, now=now)
    return series


def release_all(held: Sequence[Booking], *, by: int | None, reason: str | None, now: datetime) -> None:
    """What `hold.release` does, for dates that were held together. The caller holds the locks. PaidMeanwhile, and those of `require_live`."""
    for each in held:
        require_live(each, now=now)
    standing = give_up_all([each.public_id for each in held if each.is_paid_online], PURPOSE, reason="released", now=now).values()
    if GivenUp.PAID in standing:
        raise PaidMeanwhile
    if GivenUp.CLOSING not in standing:
        end_held(held, State.RELEASED, by=by, reason=reason, now=now)


def held_dates(dates: Sequence[Booking], *, now: datetime) -> list[Booking]:
    """Those of a client's own live hold; NotFound for what a therapist proposed, HoldExpired, BookingEnded, StepNotPossible when there are none."""
    if any(each.held_for != "booking" for each in dates):
        raise NotFound
    for each in dates:
        require_live(each, now=now)
    return list(dates)


def confirm_held(held: Sequence[Booking], *, by: int, now: datetime) -> None:
    """Held → requested or confirmed, all of them (a proposal: confirmed); every rule is asked anew of each. The caller holds the locks. Refusals: those of
    `require_confirmable`, SeriesPaymentNeeded.
    """
    offer, wanted = require_all_confirmable(held, by=by, now=now)
    require_series_paid(held[0], by)
    state, lapses_at = first_state(held[0], offer, now=now)
    with told_together():
        advance_all(held, state, by=by, now=now, lapses_at=lapses_at, requests_block=offer.request_blocks)
        settle_series(held, wanted, now=now)


def still_held(series_id: int) -> Sequence[Booking]:
    """The dates of a series that are held, in order, each locked. The caller holds the locks of its people."""
    return lock_rows(and_(Booking.series_id == series_id, Booking.state == State.HELD.value))


def end_held(held: Sequence[Booking], target: State, *, by: int | None, reason: str | None, now: datetime) -> None:
    """Release or expire all of them."""
    end_all_waiting(held, target, by=by, reason=reason, now=now)
