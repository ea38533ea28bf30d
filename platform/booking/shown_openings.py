"""Openings of one service as a reader sees them: instants, and what their own wall clock will read."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.availability import offer_named, openings_of, require_readable_range
from core.errors import NotFound
from core.zones import zone


@dataclass(frozen=True, slots=True)
class OpeningShown:
    """`local_start` carries the offset, so that the two readings of a repeated hour differ."""

    start: datetime
    end: datetime
    local_start: str


@dataclass(frozen=True, slots=True)
class OpeningsShown:
    """All of a range; `next` is always None."""

    zone: str
    items: Sequence[OpeningShown]
    next: str | None = None


def shown_openings(service_id: uuid.UUID, start: datetime, end: datetime, *, zone_name: str | None, client_id: int | None, now: datetime) -> OpeningsShown:
    """Openings in [start, end), without those that clash with the reader's own time; NotFound, or Invalid for a range over 62 local dates."""
    offer = offer_named(service_id)
    if offer is None:
        raise NotFound
    zone_name = zone_name or offer.schedule.zone
    require_readable_range(start, end, zone_name=zone_name)
    length, clock = timedelta(minutes=offer.terms.minutes), zone(zone_name)
    starts = openings_of([offer], start, end, now=now, client_id=client_id)[offer.service_id]
    return OpeningsShown(zone_name, [OpeningShown(start, start + length, start.astimezone(clock).isoformat()) for start in starts])
