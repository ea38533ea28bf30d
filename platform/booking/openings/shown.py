"""Openings of one service as a reader sees them: instants, and what their own wall clock will read.

The hottest answer of all: texts are written from seconds, day by day, instead of from datetimes one by one.
"""

import uuid
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import select

from booking.groups.sessions import group_sessions
from booking.lifecycle import State
from booking.models import Booking
from booking.openings.availability import require_readable_range, second_of, starts_of
from booking.openings.diary import DiaryPage, read_page
from care.capacity import is_open_to
from core.db import db
from core.errors import NotFound
from core.http import as_text
from core.zones import EPOCH_ORDINAL, utc_offset, zone

DAY = 86_400
MINUTE = timedelta(minutes=1)
CLOCK = tuple(f"{minute // 60:02}:{minute % 60:02}:00" for minute in range(1440))


def shown_openings(
    service_id: uuid.UUID,
    start: datetime,
    end: datetime,
    *,
    page: DiaryPage | None = None,
    zone_name: str | None,
    client_id: int | None,
    now: datetime,
    minutes: int | None = None,
    as_client: bool = True,
) -> dict[str, Any]:
    """Openings in [start, end), without those that clash with the reader's own time, and beside them what the reader holds, as `OpeningsSchema` says. To a
    client whom the therapist does not take on nothing is offered; `as_client` False is said of staff, who look for others.

    `page` is what was at hand in the therapist's diary (`page_at_hand`, for this reader and range). `local_start` carries the offset, so that the two readings
    of a repeated hour differ. Refusals: NotFound, NoSuchLength, and Invalid for a range over 62 local dates.
    """
    page = page or read_page(service_id, start, end, client_id=client_id, now=now)
    if page is None:
        raise NotFound
    offer = page.offer
    zone_name = zone_name or offer.schedule.zone
    require_readable_range(start, end, zone_name=zone_name)
    offer = offer.of_length(minutes)
    clients = () if client_id is None else (client_id,)
    known = page.facts(max(start, now), end, client_ids=clients, now=now)
    starts = starts_of([offer], start, end, now=now, client_ids=clients, facts=None if known is None else {offer.service_id: known})[offer.service_id]
    if as_client and client_id is not None and client_id != offer.therapist_id and not is_open_to(offer.therapist_id, client_id):
        starts = []
    held = [] if client_id is None else _held(offer.service_id, client_id, start, end, zone_name, now=now)
    items: list[dict[str, Any]] = [*written(starts, offer.terms.minutes, zone_name)]
    if offer.seats is not None:
        left = {each.start: each.seats_left(offer) for each in group_sessions(offer, start, end)}
        for item, second in zip(items, starts, strict=True):
            item["seats_left"] = left.get(second, offer.seats)
    return {"zone": zone_name, "items": items, "held": held, "next": None}


def _held(service_id: int, client_id: int, start: datetime, end: datetime, zone_name: str, *, now: datetime) -> list[dict[str, str]]:
    """The reader's own holds in the range: taken for everybody else, theirs to confirm."""
    held = select(Booking.public_id, Booking.starts_at, Booking.ends_at, Booking.lapses_at).where(
        Booking.service_id == service_id,
        Booking.booked_by == client_id,
        Booking.state == State.HELD.value,
        Booking.held_for == "booking",
        Booking.lapses_at > now,
        Booking.starts_at >= start,
        Booking.starts_at < end,
    )
    return [
        {
            **written([second_of(row.starts_at)], (row.ends_at - row.starts_at) // MINUTE, zone_name)[0],
            "id": str(row.public_id),
            "until": as_text(row.lapses_at),
        }
        for row in db.session.execute(held.order_by(Booking.starts_at))
    ]


def written(starts: list[int], minutes: int, zone_name: str) -> list[dict[str, str]]:
    """Each start (UTC seconds, whole minutes, rising) with its end, as texts of RFC 3339, and on the wall clock of the zone with its offset."""
    length, items = minutes * 60, []
    offset, suffix, steady_until = 0, "", 0
    for start in starts:
        if start >= steady_until:
            offset, suffix, steady_until = _offset_from(zone_name, start)
        items.append({"start": f"{_text(start)}Z", "end": f"{_text(start + length)}Z", "local_start": f"{_text(start + offset)}{suffix}"})
    return items


@lru_cache(maxsize=16_384)  # two months of every five minutes; looking one up costs a fifth of writing it
def _text(second: int) -> str:
    day, rest = divmod(second, DAY)
    return f"{date.fromordinal(day + EPOCH_ORDINAL).isoformat()}T{CLOCK[rest // 60]}"


@lru_cache(maxsize=4096)
def _offset_from(zone_name: str, start: int) -> tuple[int, str, int]:
    """The offset at this second, as isoformat writes it, and until when it surely holds."""
    offset = utc_offset(zone_name, start)
    suffix = datetime.fromtimestamp(start, UTC).astimezone(zone(zone_name)).isoformat()[19:]
    end = (start // DAY + 1) * DAY
    return offset, suffix, end if utc_offset(zone_name, end) == offset else start + 1
