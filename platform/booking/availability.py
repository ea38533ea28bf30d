"""Openings out of the database: what the pure engine needs of services, hours, overrides and claims, read fresh, and its answers as instants.

Only columns are read, never cached objects: under the locks the same functions must see what was committed a moment ago.
"""

import math
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Literal, cast

import structlog
from sqlalchemy import ARRAY, BigInteger, Executable, all_, any_, bindparam, or_, select

from booking.expiry import request_lead_seconds
from booking.intervals import Interval
from booking.models import LONGEST_CLAIM_HOURS, Claim
from booking.openings import HORIZON_DAYS, Obstacle, Terms, openings, why_not
from booking.outside_models import OutsideInterval
from booking.schedule import DateOverride, Schedule, WeeklyRule
from core.db import db
from core.errors import Invalid
from core.zones import local_date
from therapists.models import HoursOverride, Service, Therapist, WorkingHours

log = structlog.get_logger()

# What a refused caller is shown instead, and how far ahead it is looked for.
NEXT_OPENINGS = 5
NEXT_WITHIN = timedelta(days=21)
# Beyond every booking window, and well within what dates can express.
FURTHEST = timedelta(days=HORIZON_DAYS + 2)
LONGEST_RANGE_DAYS = 62


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that can be booked now, with everything the engine needs; fees in minor units."""

    service_id: int
    service_public_id: uuid.UUID
    therapist_id: int
    is_instant: bool
    request_blocks: bool
    answer_within: timedelta
    kind: str
    unit: str
    mode: str
    fee_amount: int
    fee_currency: str
    cancel_free_hours: int
    late_fee_percent: int
    moves_allowed: int
    move_until_hours: int
    terms: Terms
    schedule: Schedule
    leaves_at: datetime | None = None


def second_of(instant: datetime) -> int:
    """The whole second at or after the instant."""
    return math.ceil(instant.timestamp())


def instant_of(second: int) -> datetime:
    """The instant of a UTC second."""
    return datetime.fromtimestamp(second, UTC)


def offers_of(service_ids: Collection[int]) -> dict[int, Offer]:
    """Those of the services that can be booked: active, of a published therapist who is not held by the platform."""
    return _offers(_THESE, {"ids": list(service_ids)}) if service_ids else {}


def offer_named(public_id: uuid.UUID) -> Offer | None:
    """The same for one service by its public id."""
    return next(iter(_offers(_NAMED, {"public_id": public_id}).values()), None)


def openings_between(
    service_ids: Collection[int], start: datetime, end: datetime, *, now: datetime, limit: int | None = None, client_id: int | None = None
) -> dict[int, list[datetime]]:
    """Starts offered in [start, end) by service, rising, at most `limit` each; a service that cannot be booked has none.

    With `client_id`, openings that would clash with that person's own time are left out.
    """
    offers = offers_of(service_ids)
    found: dict[int, list[datetime]] = {service_id: [] for service_id in service_ids}
    found.update(openings_of(offers.values(), start, end, now=now, limit=limit, client_id=client_id))
    return found


def openings_of(
    offers: Iterable[Offer], start: datetime, end: datetime, *, now: datetime, limit: int | None = None, client_id: int | None = None
) -> dict[int, list[datetime]]:
    """The same for offers at hand."""
    offers = list(offers)
    if not offers:
        return {}
    persons = {offer.therapist_id for offer in offers} | ({client_id} if client_id is not None else set())
    busy = busy_of(persons, start, end, now=now)
    within = (second_of(start), second_of(end))
    found = {}
    for offer in offers:
        own = busy[client_id] if client_id is not None else ()
        starts = openings(offer.schedule, offer.terms, busy=busy[offer.therapist_id], now=second_of(now), within=within, client_busy=own)
        # Whoever has announced a last day offers nothing after it.
        starts = [second for second in starts if offer.leaves_at is None or instant_of(second) < offer.leaves_at]
        found[offer.service_id] = [instant_of(second) for second in starts[:limit]]
    return found


def require_readable_range(start: datetime, end: datetime, *, zone_name: str) -> None:
    """Invalid unless `end` is after `start` and the range touches at most 62 local dates of the reader's zone."""
    if end <= start:
        raise Invalid(errors={"end": ["Must be after the start."]})
    too_long = Invalid(code="range_too_long", errors={"end": [f"A range touches at most {LONGEST_RANGE_DAYS} dates."]})
    if end - start > timedelta(days=LONGEST_RANGE_DAYS + 1) or not EARLIEST < start < end < LATEST:
        raise too_long
    last = instant_of(second_of(end) - 1)
    if (local_date(zone_name, second_of(last)) - local_date(zone_name, math.floor(start.timestamp()))).days >= LONGEST_RANGE_DAYS:
        raise too_long


def obstacles_to(offer: Offer, start: datetime, *, client_ids: Collection[int], now: datetime, ignoring: Collection[int] = ()) -> list[Obstacle]:
    """Every rule that keeps this start from being booked now; empty when it is an opening. The bookings `ignoring` (ids) count as if they were not there."""
    if abs(start - now) > FURTHEST:
        return ["past" if start < now else "too_far"]
    if start.microsecond:
        return ["off_grid"]
    second = second_of(start)
    busy = busy_of({offer.therapist_id, *client_ids}, start, instant_of(offer.terms.session(second)[1]), now=now, ignoring=ignoring)
    own = [interval for client_id in client_ids for interval in busy[client_id]]
    return why_not(second, offer.schedule, offer.terms, busy=busy[offer.therapist_id], now=second_of(now), client_busy=own)


def next_openings(offer: Offer, start: datetime, *, client_id: int | None, now: datetime) -> list[datetime]:
    """A few openings of the same service from `start` on, for somebody who was refused it."""
    start = max(start, now)
    return openings_of([offer], start, start + NEXT_WITHIN, now=now, limit=NEXT_OPENINGS, client_id=client_id)[offer.service_id]


def busy_of(person_ids: Collection[int], start: datetime, end: datetime, *, now: datetime, ignoring: Collection[int] = ()) -> dict[int, list[Interval]]:
    """Claims in force of each person that may matter between the two instants, and what their own calendars say, in UTC seconds.

    What has lapsed by `now` is not in force.
    """
    # Nobody's buffers reach further than a claim is long.
    reach = timedelta(hours=LONGEST_CLAIM_HOURS)
    given = {"ids": list(person_ids), "since": start - 2 * reach, "until": end + reach, "now": now, "ignoring": list(ignoring)}
    rows = db.session.execute(_BUSY, given)
    busy: dict[int, list[Interval]] = {person_id: [] for person_id in person_ids}
    for person_id, blocks_from, blocks_to in rows:
        busy[person_id].append((int(blocks_from.timestamp()), int(blocks_to.timestamp())))
    return busy


EARLIEST, LATEST = datetime(1900, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)

OFFER_COLUMNS = (
    Service.id,
    Service.public_id,
    Service.therapist_id,
    Service.booking_mode,
    Service.request_blocks,
    Service.kind,
    Service.unit,
    Service.mode,
    Service.fee_amount,
    Service.fee_currency,
    Service.cancel_free_hours,
    Service.late_fee_percent,
    Service.moves_allowed,
    Service.move_until_hours,
    Service.minutes,
    Service.buffer_before,
    Service.buffer_after,
    Service.lead_minutes,
    Service.window_days,
    Service.step_minutes,
    Service.align,
    Therapist.zone,
    Therapist.answer_within_hours,
    Therapist.leaves_at,
)


# Statements are built once: putting one together costs more than running it.
_IDS = any_(bindparam("ids", type_=ARRAY(BigInteger)))
_OFFERED = (
    select(*OFFER_COLUMNS)
    .join(Therapist, Therapist.person_id == Service.therapist_id)
    .where(Service.active, Therapist.published_at.is_not(None), Therapist.held_at.is_(None))
)
_THESE = _OFFERED.where(Service.id == _IDS)
_NAMED = _OFFERED.where(Service.public_id == bindparam("public_id"))
_HOURS = select(WorkingHours.therapist_id, WorkingHours.weekday, WorkingHours.from_minute, WorkingHours.to_minute).where(WorkingHours.therapist_id == _IDS)
_OVERRIDES = select(HoursOverride.therapist_id, HoursOverride.day, HoursOverride.from_minute, HoursOverride.to_minute).where(HoursOverride.therapist_id == _IDS)
_CLAIMED = select(Claim.person_id, Claim.blocks_from, Claim.blocks_to).where(
    Claim.person_id == _IDS,
    Claim.blocks,
    Claim.blocks_from >= bindparam("since"),
    Claim.blocks_from < bindparam("until"),
    or_(Claim.lapses_at.is_(None), Claim.lapses_at > bindparam("now")),
    Claim.booking_id != all_(bindparam("ignoring", type_=ARRAY(BigInteger))),
)
_OUTSIDE = select(OutsideInterval.therapist_id, OutsideInterval.starts_at, OutsideInterval.ends_at).where(
    OutsideInterval.therapist_id == _IDS, OutsideInterval.ends_at > bindparam("since"), OutsideInterval.starts_at < bindparam("until")
)
_BUSY = _CLAIMED.union_all(_OUTSIDE)


def _offers(wanted: Executable, given: dict[str, Any]) -> dict[int, Offer]:
    rows = db.session.execute(wanted, given).all()
    schedules = _schedules({row.therapist_id: row.zone for row in rows})
    return {row.id: _offer(row, terms, schedules[row.therapist_id]) for row in rows if (terms := _terms(row))}


def _terms(row: Any) -> Terms | None:
    """None for terms that no start can meet: one such service must not take the therapist's others off the list."""
    lead = row.lead_minutes * 60
    try:
        return Terms(
            minutes=row.minutes,
            before=row.buffer_before,
            after=row.buffer_after,
            step=row.step_minutes,
            align=cast(Literal["window", "hour"], row.align),
            lead_seconds=lead if row.booking_mode == "instant" else request_lead_seconds(lead),
            days_ahead=row.window_days,
        )
    except ValueError:
        log.error("service_terms_unusable", service=row.id)
        return None


def _offer(row: Any, terms: Terms, schedule: Schedule) -> Offer:
    return Offer(
        service_id=row.id,
        service_public_id=row.public_id,
        therapist_id=row.therapist_id,
        is_instant=row.booking_mode == "instant",
        request_blocks=row.request_blocks,
        answer_within=timedelta(hours=row.answer_within_hours),
        kind=row.kind,
        unit=row.unit,
        mode=row.mode,
        fee_amount=row.fee_amount,
        fee_currency=row.fee_currency,
        cancel_free_hours=row.cancel_free_hours,
        late_fee_percent=row.late_fee_percent,
        moves_allowed=row.moves_allowed,
        move_until_hours=row.move_until_hours,
        terms=terms,
        schedule=schedule,
        leaves_at=row.leaves_at,
    )


def _schedules(zones: dict[int, str]) -> dict[int, Schedule]:
    weekly: defaultdict[int, list[WeeklyRule]] = defaultdict(list)
    given = {"ids": list(zones)}
    for therapist_id, weekday, from_minute, to_minute in db.session.execute(_HOURS, given):
        weekly[therapist_id].append(WeeklyRule(weekday, from_minute, to_minute))
    overrides: defaultdict[int, defaultdict[date, list[tuple[int, int]]]] = defaultdict(lambda: defaultdict(list))
    for therapist_id, day, opens, closes in db.session.execute(_OVERRIDES, given):
        spans = overrides[therapist_id][day]
        if opens is not None and closes is not None:
            spans.append((opens, closes))
    return {
        therapist_id: Schedule(
            zone=zone,
            weekly=tuple(weekly[therapist_id]),
            overrides=tuple(DateOverride(day, tuple(spans)) for day, spans in overrides[therapist_id].items()),
        )
        for therapist_id, zone in zones.items()
    }
