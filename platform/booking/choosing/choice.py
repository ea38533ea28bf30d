"""What somebody has chosen so far: a service, a start, a length; with its price, and how it is booked."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from booking.after.late_fee import late_fee_at
from booking.meeting import BOOK_PAGE
from booking.models import ONLINE
from booking.openings.availability import Offer, offer_named
from core.db import db
from core.errors import NotFound
from core.money import Money
from therapists.models import Service

# Seconds that fit a date.
LATEST = 32_503_680_000
DAYS = 7


@dataclass(frozen=True, slots=True)
class Choice:
    """`offer` is of the chosen length; `minutes` None is the usual one. `at` is a placeholder before a start is chosen."""

    service: Service
    offer: Offer
    at: datetime
    minutes: int | None

    @property
    def fee(self) -> Money:
        return Money(self.offer.fee_amount, self.offer.fee_currency)

    @property
    def late_fee(self) -> Money | None:
        return late_fee_at(self.fee, self.offer.late_fee_percent)

    @property
    def pays_first(self) -> bool:
        """Whether it is held until it is paid by card."""
        return bool(self.offer.fee_amount) and self.offer.collects == ONLINE

    @property
    def repeats(self) -> bool:
        """Whether it can be booked as a series."""
        return self.offer.kind == "session" and self.service.series_most >= 2

    @property
    def page(self) -> str:
        """Its own address."""
        return f"/{BOOK_PAGE}/{self.service.public_id}/{int(self.at.timestamp())}"


def chosen_in(service_id: uuid.UUID, *, start: int = 0, minutes: int | None = None) -> Choice:
    """NotFound for what cannot be booked, or lies at no date; NoSuchLength."""
    offer = offer_named(service_id)
    if offer is None or start > LATEST:
        raise NotFound
    whole = (selectinload(Service.lengths), joinedload(Service.place), joinedload(Service.therapist))
    service = db.session.scalars(select(Service).where(Service.public_id == service_id).options(*whole)).one()
    return Choice(service, offer.of_length(minutes), datetime.fromtimestamp(start, UTC), minutes)


def title_of(service: Service) -> str:
    """What it is, in a few words."""
    if service.kind == "consultation":
        return "A first talk"
    return "A session of a group" if service.seats else "A session"


def week_of(items: Sequence[Mapping[str, Any]], first: date) -> list[dict[str, Any]]:
    """Openings by the dates of their readers' clock, with the seconds that name each."""
    days = [first + timedelta(days=ahead) for ahead in range(DAYS)]
    of_day: dict[date, list[dict[str, Any]]] = {day: [] for day in days}
    for each in items:
        local = datetime.fromisoformat(each["local_start"])
        if local.date() in of_day:
            of_day[local.date()].append({"second": int(local.timestamp()), "clock": f"{local:%H:%M}", "seats_left": each.get("seats_left")})
    return [{"day": day, "title": f"{day:%A} {day.day} {day:%B}", "openings": found} for day, found in of_day.items()]
