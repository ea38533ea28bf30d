"""A client's hold on an opening: ten minutes in which nobody else gets it, until it becomes a booking, is released, or ends by itself."""

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import select, update

from booking.advance import advance, booking_under_lock, client_ids_of, lock_booking, lock_rows, participant_of
from booking.ending import end_all_waiting, end_waiting
from booking.expire import end_lapsed_of
from booking.lifecycle import State, step
from booking.models import Booking, Claim
from booking.open_limit import require_room
from booking.openings.availability import Offer, offers_of, page_around
from booking.paying.due import PURPOSE, HeldTogether, PaidMeanwhile, origin_of, require_paid
from booking.place import Wanted, place, require_all_offered, settle
from booking.refusals import HoldExpired, NotAnOpening, NotBookable
from booking.request import as_asked, wanted_by
from care.capacity import NotAccepting, reserve_places
from care.doors import MayNotTreat
from care.own_booking import SomebodyHelps
from core.db import after_refusal, db
from core.errors import NotFound
from payments.ask import asked_for
from payments.checkout.begin import PaidTogether, is_paid_together
from payments.give_up import GivenUp, give_up

HOLD = timedelta(minutes=10)
MINUTE = timedelta(minutes=1)
# A held time stays good while its clock runs: notice and booking window were asked when it was held.
ALREADY_ASKED = frozenset({"too_soon", "not_yet_open", "too_far"})
# And what a therapist proposes may lie outside their published hours and limits.
THEIRS_TO_SAY = ALREADY_ASKED | {"out_of_hours", "time_off", "holiday", "off_grid", "day_limit", "week_limit", "client_limit"}
# Refusals after which holding on is of no use.
NOT_FOR_NOW = (SomebodyHelps, MayNotTreat, NotAccepting, NotBookable, NotAnOpening)


def hold_opening(
    client_id: int,
    service_id: uuid.UUID,
    start: datetime,
    *,
    now: datetime,
    title: str | None = None,
    minutes: int | None = None,
    origin: str = "directory",
) -> Booking:
    """Hold the opening for this client for ten minutes; their own live hold of it, if there is one, with its payment.

    Refusals are those of `place`, `too_many_holds` beyond three live ones; none is replaced.
    """
    page = page_around(service_id, start, client_id=client_id, now=now)
    wanted = wanted_by(client_id, page.offer if page else None, start, title=title, origin=origin, minutes=minutes)
    if (known := _own_hold_of(wanted, now=now)) is not None:
        return known
    return place(wanted, State.HELD, lapses_at=now + HOLD, held_for="booking", page=page, now=now)


def confirm_own_hold(public_id: uuid.UUID, *, by: int, now: datetime, origin: str | None = None) -> Booking:
    """Turn one's own hold into a request or a confirmed booking, as the service says. NotFound for anything else; see `confirm_hold`."""
    return confirm_hold(_own_hold(public_id, by=by), by=by, origin=origin, now=now)


def release_hold(public_id: uuid.UUID, *, by: int, now: datetime) -> Booking:
    """Give one's own hold back. NotFound for anything else, HoldExpired, BookingEnded, StepNotPossible, PaidTogether while the checkout of its cart is open."""
    booking = _own_hold(public_id, by=by)
    if booking.cart_id is not None and any(is_paid_together(payment) for payment in asked_for(booking.public_id, PURPOSE)):
        raise PaidTogether
    return release(booking, by=by, now=now)


def confirm_hold(booking: Booking, *, now: datetime, by: int | None = None, origin: str | None = None) -> Booking:
    """Held → requested or confirmed; a proposal is confirmed at once. The caller holds the lock of the booking (`advance.booking_under_lock`), which is no
    date of a series (`series.hold.confirm_held`).

    Refusals are those of `require_confirmable`, and PaymentNeeded for what is paid by card first.
    """
    offer, wanted = require_confirmable(booking, by=by, origin=origin, now=now)
    require_paid(booking)
    state, lapses_at = first_state(booking, offer, now=now)
    advance(booking, state, by=wanted.by, now=now, lapses_at=lapses_at, requests_block=offer.request_blocks)
    settle(booking, wanted, now=now)
    return booking


def require_confirmable(booking: Booking, *, now: datetime, by: int | None = None, origin: str | None = None) -> tuple[Offer, Wanted]:
    """What the hold would become, if it may. The caller holds the lock of the booking. Without an `origin`: as it was said when it was held.

    Every rule but notice and booking window is asked anew, and so is everybody's time. Refusals: HoldExpired once its clock has run out, those of
    `require_offered`, NotBookable, `too_many_open`. Where it can come to nothing, a client's own hold is released with the refusal.
    """
    return require_all_confirmable([booking], now=now, by=by, origin=origin)


def require_all_confirmable(held: Sequence[Booking], *, now: datetime, by: int | None = None, origin: str | None = None) -> tuple[Offer, Wanted]:
    """The same for what was held together, in as many statements as for one; what it gives is of the first of them. Where one of them can come to nothing,
    all are released.
    """
    for each in held:
        require_live(each, now=now)
    first = held[0]
    clients, by = tuple(client_ids_of(first)), by if by is not None else first.booked_by
    end_lapsed_of([first.therapist_id, *clients], now=now)
    try:
        offer = offers_of([first.service_id]).get(first.service_id)
        if offer is None:
            raise NotBookable
        passes_over = THEIRS_TO_SAY if first.held_for == "proposal" else ALREADY_ASKED
        minutes = (first.ends_at - first.starts_at) // MINUTE
        wanted = Wanted(offer, first.starts_at, clients, minutes, by=by, origin=origin or origin_of(first), passes_over=passes_over)
        dates = [replace(wanted, start=each.starts_at, minutes=(each.ends_at - each.starts_at) // MINUTE) for each in held]
        require_all_offered(dates, now=now, ignoring=[each.id for each in held])
    except NOT_FOR_NOW:
        if first.held_for == "booking":
            after_refusal(partial(_let_go, [each.id for each in held], now=now))
        raise
    if first.held_for != "proposal":
        require_room(by, kind=first.kind, state=first_state(first, offer, now=now)[0], now=now)
    return offer, wanted


def release(booking: Booking, *, by: int | None, now: datetime, reason: str | None = None) -> Booking:
    """Held → released, its time is free at once. The caller holds the lock. HoldExpired, BookingEnded, StepNotPossible, PaidMeanwhile.

    While its checkout is open it stays held: that is closed at the card processor first, by a job, and frees the time unless somebody has paid.
    """
    require_live(booking, now=now)
    standing = give_up(booking.public_id, PURPOSE, reason="released", now=now) if booking.is_paid_online else GivenUp.NOTHING_OPEN
    if standing is GivenUp.PAID:
        raise PaidMeanwhile
    if standing is GivenUp.CLOSING:
        return booking
    return end_waiting(booking, State.RELEASED, by=by, reason=reason, now=now)


def renew_hold(booking: Booking, until: datetime, now: datetime) -> None:
    """Keep a live hold at least `until`: while a checkout is open, the time it needs. The caller holds the lock. HoldExpired when it is too late."""
    renew_all_held([booking], until, now)


def renew_all_held(held: Sequence[Booking], until: datetime, now: datetime) -> None:
    """The same for what was held together."""
    for each in held:
        require_live(each, now=now)
    renewed = [each for each in held if each.lapses_at is not None and each.lapses_at < until]
    for each in renewed:
        each.lapses_at = until
    if renewed:
        db.session.execute(update(Claim).where(Claim.booking_id.in_([each.id for each in renewed])).values(lapses_at=until))
        reserve_places(renewed[0].therapist_id, client_ids_of(renewed[0]), until=until)
        db.session.flush()


def require_live(booking: Booking, *, now: datetime) -> None:
    """HoldExpired when its clock has run out, whether or not that was written down; BookingEnded or StepNotPossible when it is no hold any more."""
    lapsed = booking.lapses_at is not None and booking.lapses_at <= now
    if (booking.stands is State.HELD and lapsed) or (booking.stands is State.EXPIRED and booking.end_reason == "hold_over"):
        raise HoldExpired
    step(booking.stands, State.RELEASED)


def first_state(booking: Booking, offer: Offer, *, now: datetime) -> tuple[State, datetime | None]:
    """What a hold becomes, and until when that waits for an answer."""
    return (State.CONFIRMED, None) if booking.held_for == "proposal" else as_asked(offer, booking.starts_at, now=now)


def _own_hold_of(wanted: Wanted, *, now: datetime) -> Booking | None:
    """This client's own live hold of the same opening: coming back to it is not taking it twice."""
    same = select(Booking).where(Booking.booked_by == wanted.by, Booking.service_id == wanted.offer.service_id, Booking.starts_at == wanted.start)
    live = same.where(Booking.state == State.HELD.value, Booking.held_for == "booking", Booking.lapses_at > now)
    mine = live.where(Booking.series_id.is_(None), Booking.ends_at == wanted.end)
    return db.session.scalars(mine.limit(1)).first()


def _own_hold(public_id: uuid.UUID, *, by: int) -> Booking:
    booking = booking_under_lock(public_id, person_id=by)
    if booking.held_for != "booking" or participant_of(booking, by) is None:
        raise NotFound
    if booking.series_id is not None:
        raise HeldTogether
    return booking


def _let_go(booking_ids: Sequence[int], *, now: datetime) -> None:
    lock_booking(booking_ids[0])
    held = [each for each in lock_rows(Booking.id.in_(booking_ids)) if each.stands is State.HELD]
    end_all_waiting(held, State.RELEASED, by=None, reason="not_bookable", now=now)
