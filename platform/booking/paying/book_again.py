"""Money that came after its hold was over: what was paid for is booked again, if nobody has taken it, on the terms that were paid for.

Of a series the date that was paid for must be free; of the others those are booked that still are, and whose code or session of a pack was not given back.
The caller holds the locks and undoes everything after a refusal, a DomainError: then the money goes back.
"""

from datetime import datetime

from sqlalchemy import and_

from booking.advance import client_ids_of, lock_rows, told_together
from booking.expire import end_lapsed_of
from booking.hold import ALREADY_ASKED, MINUTE
from booking.lifecycle import State
from booking.models import Booking
from booking.openings.availability import offers_of, second_of
from booking.paying.charge_session import note_paid
from booking.paying.due import origin_of
from booking.place import Wanted, place
from booking.refusals import NotBookable, OpeningTaken
from booking.request import as_asked
from booking.series.book import settle_series, write_series
from booking.series.dates import Asked, judge
from booking.series.models import Series
from booking.series.plan import Planned, Rhythm
from care.capacity import require_places
from core.db import db
from payments.codes.use import pass_on_use, use_of, was_given_back
from payments.gifts.redeem import pass_on_gift
from payments.gifts.redeem import use_of as use_of_gift

# A hold that came to nothing: its time may be free still.
LAPSED = frozenset({State.EXPIRED, State.RELEASED})
# The terms that were paid for, whatever the service asks today.
AS_AGREED = (
    "fee_amount",
    "fee_currency",
    "gift_amount",
    "list_amount",
    "concession",
    "collects",
    "cancel_free_hours",
    "late_fee_percent",
    "moves_allowed",
    "move_until_hours",
)


def book_again(lapsed: Booking, payer_id: int, *, now: datetime) -> Booking:
    """What stands for it now."""
    return _book_one(lapsed, payer_id, now=now) if lapsed.series_id is None else _book_series(lapsed, payer_id, now=now)


def _book_one(lapsed: Booking, payer_id: int, *, now: datetime) -> Booking:
    wanted = _wanted(lapsed, payer_id)
    state, lapses_at = as_asked(wanted.offer, lapsed.starts_at, now=now)
    booking = place(wanted, state, lapses_at=lapses_at, now=now)
    _as_agreed(booking, lapsed)
    return booking


def _book_series(lapsed: Booking, payer_id: int, *, now: datetime) -> Booking:
    wanted = _wanted(lapsed, payer_id)
    end_lapsed_of(wanted.people, now=now)
    together = lock_rows(and_(Booking.series_id == lapsed.series_id, Booking.state.in_([state.value for state in LAPSED]), Booking.confirmed_at.is_(None)))
    before = {each.series_position: each for each in together if each.series_position is not None}
    planned = [Planned(position, each.wall_start, second_of(each.starts_at)) for position, each in sorted(before.items())]
    judged = judge(Asked(wanted.offer, wanted.client_ids, now, passes_over=ALREADY_ASKED), planned, enough=len(planned))
    paid_for = {position for position, each in before.items() if _is_still_taken(each)}
    free = [date for date in judged if date.can_be_booked and date.planned.position in paid_for]
    if lapsed.series_position not in {date.planned.position for date in free}:
        raise OpeningTaken
    require_places(wanted.offer.therapist_id, wanted.client_ids)
    series = db.session.get_one(Series, lapsed.series_id)
    state, lapses_at = as_asked(wanted.offer, free[0].start or lapsed.starts_at, now=now)
    with told_together():
        rhythm = Rhythm(second_of(series.starts_at), series.zone, series.every_weeks)
        _, bookings = write_series(wanted, rhythm, free, state, lapses_at=lapses_at, now=now)
        for booking in bookings:
            assert booking.series_position is not None
            _as_agreed(booking, before[booking.series_position])
        settle_series(bookings, wanted, now=now)
    paid = next(each for each in bookings if each.series_position == lapsed.series_position)
    note_paid(paid, now=now)
    return paid


def _is_still_taken(lapsed: Booking) -> bool:
    """Whether what was taken to pay for it, or to make it cheaper, is kept for it still: what was given back can be spent anew. A pack's sessions all were."""
    if lapsed.gift_amount and use_of_gift(lapsed.public_id) is None:
        return False
    if lapsed.list_amount is None or use_of(lapsed.public_id) is not None:
        return True
    return lapsed.concession is not None and not was_given_back(lapsed.public_id, lapsed.fee_amount)


def _as_agreed(booking: Booking, lapsed: Booking) -> None:
    for term in AS_AGREED:
        setattr(booking, term, getattr(lapsed, term))
    pass_on_use(lapsed.public_id, booking.public_id)
    pass_on_gift(lapsed.public_id, booking.public_id)


def _wanted(lapsed: Booking, payer_id: int) -> Wanted:
    offer = offers_of([lapsed.service_id]).get(lapsed.service_id)
    if offer is None:
        raise NotBookable
    minutes, clients = (lapsed.ends_at - lapsed.starts_at) // MINUTE, tuple(client_ids_of(lapsed))
    origin = origin_of(lapsed)
    return Wanted(offer.of_length(minutes), lapsed.starts_at, clients, minutes, by=payer_id, origin=origin, passes_over=ALREADY_ASKED, paid=True)
