"""The checkout of a held series: its first date is paid now, and the card is kept for the others, in words that are shown before."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from booking.advance import participant_of
from booking.hold import renew_all_held, require_all_confirmable
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.charge_clock import PlannedCharge, plan_charges
from booking.paying.checkout import Checkout, NothingToPay, ask_client, begin_for_hold
from booking.series.lock import series_under_lock
from core.errors import NotFound
from core.money import Money
from payments.cards.terms import CardTerms, terms_on
from payments.checkout.begin import Terms


@dataclass(frozen=True, slots=True)
class ChargeOfDate:
    """What one date costs, and when that is charged."""

    booking_id: uuid.UUID
    starts_at: datetime
    price: Money
    planned: PlannedCharge


@dataclass(frozen=True, slots=True)
class SeriesCheckout(Checkout):
    terms: CardTerms
    charges: Sequence[ChargeOfDate]


def begin_paying_series(public_id: uuid.UUID, *, by: int, now: datetime) -> SeriesCheckout:
    """Begin, or go on with, the payment of the first date that costs something. Refusals are those of `begin_paying`, of each date."""
    _, dates = series_under_lock(public_id, person_id=by)
    held = [each for each in dates if each.stands is State.HELD] or list(dates[:1])
    if participant_of(held[0], by) is None:
        raise NotFound
    require_all_confirmable(held, by=by, now=now)
    first = next((each for each in held if each.is_paid_online), None)
    if first is None:
        raise NothingToPay
    terms = terms_on(now.date())
    begun = begin_for_hold(first, ask_client(first, by, now=now), saves_card=Terms(terms.version), now=now)
    renew_all_held(held, begun.held_until, now)
    return SeriesCheckout(begun.attempt_id, begun.payment_id, begun.price, begun.held_until, terms, charges_of(held, now=now))


def charges_of(dates: Sequence[Booking], *, now: datetime) -> list[ChargeOfDate]:
    """What each of these dates costs and when that is charged."""
    planned = plan_charges([each.starts_at for each in dates], [each.is_paid_online for each in dates], now=now)
    return [ChargeOfDate(each.public_id, each.starts_at, each.by_card, charge) for each, charge in zip(dates, planned, strict=True)]
