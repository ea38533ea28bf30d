"""What a series would be, date by date, before anybody agrees to it. Reads only, and asks the same rules that booking asks."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from booking.models import ONLINE
from booking.openings.availability import Offer
from booking.paying.charge_clock import plan_charges
from booking.series.book import Repeated, offer_that_repeats, require_near, rhythm_of
from booking.series.dates import Asked, JudgedDate, judge, plan_of
from booking.series.plan import Rhythm, shifted
from core.money import Money
from core.zones import zone as zone_named
from payments.cards.terms import CardTerms, terms_on


@dataclass(frozen=True, slots=True)
class DateShown:
    """One date on both clocks. `is_shifted`: the reader's clock shows another time of day than on the first date."""

    position: int
    wall: str
    starts_at: datetime | None
    ends_at: datetime | None
    local_start: str | None
    is_shifted: bool
    fee: Money
    charged: str
    charged_at: datetime | None
    conflicts: Sequence[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class SeriesPreview:
    """`zone` is the wall clock of the series, `reader_zone` that of the reader; `can_be_booked` counts the dates without conflict. `card_terms` are what a
    client agrees to who pays it by card.
    """

    zone: str
    reader_zone: str
    dates: Sequence[DateShown]
    can_be_booked: int
    card_terms: CardTerms | None


def preview_series(client_id: int, service_id: uuid.UUID, start: datetime, repeated: Repeated, *, reader_zone: str, now: datetime) -> SeriesPreview:
    """The dates of such a series for this client. NotFound, NoSeries, TooManyDates, NoSuchLength."""
    offer = offer_that_repeats(service_id, repeated.count).of_length(repeated.minutes)
    require_near(start, now=now)
    rhythm = rhythm_of(offer, start, repeated.every_weeks)
    judged = judge(Asked(offer, (client_id,), now), plan_of(rhythm, repeated.count, extends=repeated.extends), enough=repeated.count)
    return preview_of(offer, rhythm, judged, reader_zone=reader_zone, now=now)


def preview_of(offer: Offer, rhythm: Rhythm, judged: Sequence[JudgedDate], *, reader_zone: str, now: datetime) -> SeriesPreview:
    """The same for dates that were judged already."""
    shifts = shifted([date.planned for date in judged], reader_zone)
    length, fee = timedelta(minutes=offer.terms.minutes), Money(offer.fee_amount, offer.fee_currency)
    by_card = offer.fee_amount > 0 and offer.collects == ONLINE
    charges = plan_charges([date.start for date in judged], [by_card and date.can_be_booked for date in judged], now=now)
    shown = [
        DateShown(
            position=date.planned.position,
            wall=date.planned.wall,
            starts_at=date.start,
            ends_at=None if date.start is None else date.start + length,
            local_start=None if date.start is None else date.start.astimezone(zone_named(reader_zone)).isoformat(),
            is_shifted=shifts.get(date.planned.position, False),
            fee=fee,
            charged=charge.how,
            charged_at=charge.at,
            conflicts=date.as_problem()["reasons"],
        )
        for date, charge in zip(judged, charges, strict=True)
    ]
    bookable = sum(date.can_be_booked for date in judged)
    return SeriesPreview(rhythm.zone, reader_zone, shown, bookable, terms_on(now.date()) if by_card else None)
