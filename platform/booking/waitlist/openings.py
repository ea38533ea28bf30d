"""The openings that suit somebody who waits: out of the same engine that lists and books them."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.openings.availability import Offer, offers_of, openings_of, second_of
from booking.openings.engine import HORIZON_DAYS
from booking.waitlist.wishes import TimeWishes
from core.db import db
from therapists.models import Service

AHEAD = timedelta(days=HORIZON_DAYS)


def services_waited_for(service_id: int, *, any_of_kind: bool) -> list[int]:
    """The service, or all active ones of the same therapist, kind and unit."""
    if not any_of_kind:
        return [service_id]
    kind = select(Service.therapist_id, Service.kind, Service.unit).where(Service.id == service_id).subquery()
    alike = (Service.therapist_id == kind.c.therapist_id, Service.kind == kind.c.kind, Service.unit == kind.c.unit, Service.active)
    return list(db.session.execute(select(Service.id).join(kind, alike[0]).where(*alike[1:]).order_by(Service.id)).scalars())


def suiting_openings(service_ids: Collection[int], wishes: TimeWishes, *, client_id: int, now: datetime) -> list[tuple[datetime, Offer]]:
    """The soonest first, without those that clash with the client's own time."""
    offers = offers_of(service_ids)
    found = openings_of(offers.values(), now, now + AHEAD, now=now, client_id=client_id)
    suiting = [(start, each) for each, starts in found.items() for start in starts if wishes.suit(second_of(start), offers[each].terms.minutes)]
    return [(start, offers[each]) for start, each in sorted(suiting)]
