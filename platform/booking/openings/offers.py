"""Services as they can be booked now: their terms, prices, limits and schedules, read fresh.

Only columns are read, never cached objects: under the locks the same functions must see what was committed a moment ago.
"""

import json
import math
import typing
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import structlog
from sqlalchemy import ARRAY, BigInteger, Text, and_, any_, bindparam, cast, func, select

from booking.expiry import request_lead_seconds
from booking.models import ONLINE
from booking.openings.engine import Terms
from booking.openings.limits import Limit
from booking.openings.schedule import Schedule
from booking.openings.schedules import ScheduleNamed, rules_of, schedule_from
from core.errors import Invalid
from core.reading import Glance, Reading
from therapists.changes import seen_here
from therapists.models import Service, Therapist
from therapists.schedule_models import ServiceLength, TherapistLimits, TherapistSchedule

log = structlog.get_logger()


class NoSuchLength(Invalid):
    """`lengths` of the problem document holds those that there are, in minutes."""

    code, detail = "no_such_length", "This service is not offered in this length."


@dataclass(frozen=True, slots=True)
class Offer:
    """A service that can be booked now, with everything the engine needs; fees in minor units.

    `lengths` holds the other lengths with their fees, by minutes. `limits` are the service's own and its clients', on `schedule`;
    `therapist_limits` the therapist's, on their default schedule. `seats` are those of one session of a group. `collects` is how the therapist is paid.
    """

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
    schedule_id: int
    schedule_name: str
    lengths: tuple[tuple[int, int], ...] = ()
    limits: tuple[Limit, ...] = ()
    therapist_limits: tuple[Limit, ...] = ()
    default_schedule: Schedule | None = None
    counts_requests: bool = True
    seats: int | None = None
    collects: str | None = None

    @property
    def is_paid_nowhere(self) -> bool:
        """Whether clients have no way to pay for it: seats of a group are not paid by card yet. So none is offered to them."""
        return self.seats is not None and self.fee_amount > 0 and self.collects == ONLINE

    def of_length(self, minutes: int | None) -> "Offer":
        """The same in another of its lengths, at that length's price; NoSuchLength for any other number. None is the default length."""
        if minutes is None or minutes == self.terms.minutes:
            return self
        fee = dict(self.lengths).get(minutes)
        if fee is None:
            raise NoSuchLength(errors={"minutes": ["Choose one of the lengths."]}, extra={"lengths": [self.terms.minutes, *dict(self.lengths)]})
        return replace(self, fee_amount=fee, terms=self.terms_for(minutes))

    def terms_for(self, minutes: int | None) -> Terms:
        """The terms of a session of this many minutes, offered or not: a booking keeps the length that was agreed. The grid stays the service's."""
        if minutes is None or minutes == self.terms.minutes:
            return self.terms
        return replace(self.terms, minutes=minutes, step=self.terms.step_minutes)


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


def offer_as_seen(public_id: uuid.UUID) -> tuple[Offer, str, bool] | None:
    """The same for whoever keeps what is read from here on (`therapists.changes.seen_here`)."""
    for *values, seen, is_own, _ in _NAMED_AS_SEEN.tuples({"public_id": public_id}):
        if (offer := _offer_from(tuple(values))) is not None:
            return offer, seen, is_own
    return None


# Tables, not models: nothing here becomes an object, and reading rows as objects costs more than the rest.
_service, _therapist, _limits_row = Service.__table__.c, Therapist.__table__.c, TherapistLimits.__table__.c
_length = ServiceLength.__table__.c
_own_schedule, _default_schedule = TherapistSchedule.__table__.alias(), TherapistSchedule.__table__.alias()
_own, _default = _own_schedule.c, _default_schedule.c
_LENGTHS = (
    select(cast(func.json_agg(func.json_build_array(_length.minutes, _length.fee_amount)), Text))
    .where(_length.service_id == _service.id)
    .correlate(Service.__table__)
    .scalar_subquery()
)
SERVICE_COLUMNS = (
    _service.id,
    _service.public_id,
    _service.therapist_id,
    _service.booking_mode,
    _service.request_blocks,
    _service.kind,
    _service.unit,
    _service.mode,
    _service.fee_amount,
    _service.fee_currency,
    _service.cancel_free_hours,
    _service.late_fee_percent,
    _service.moves_allowed,
    _service.move_until_hours,
    _service.minutes,
    _service.buffer_before,
    _service.buffer_after,
    _service.lead_minutes,
    _service.window_days,
    _service.step_minutes,
    _service.align,
    _service.bookable_from,
    _service.bookable_until,
    _service.day_sessions,
    _service.day_minutes,
    _service.week_sessions,
    _service.week_minutes,
    _service.client_week_sessions,
    _service.client_gap_days,
    _service.seats,
)
OFFER_COLUMNS = (
    *SERVICE_COLUMNS,
    _therapist.zone,
    _therapist.answer_within_hours,
    _therapist.leaves_at,
    _therapist.collects,
    _LENGTHS.label("lengths"),
    *(
        column.label(f"{whose}_{name}")
        for whose, row in (("own", _own), ("default", _default))
        for name, column in (("id", row.id), ("name", row.name), ("zone", row.zone), ("country", row.holiday_country), ("subdivision", row.holiday_subdivision))
    ),
    rules_of(_own_schedule).label("own_rules"),
    rules_of(_default_schedule).label("default_rules"),
    _limits_row.day_sessions.label("all_day_sessions"),
    _limits_row.day_minutes.label("all_day_minutes"),
    _limits_row.week_sessions.label("all_week_sessions"),
    _limits_row.week_minutes.label("all_week_minutes"),
    _limits_row.week_start,
    _limits_row.count_requests,
)


# Statements are built once: putting one together costs more than running it.
_OFFERED = (
    select(*OFFER_COLUMNS)
    .select_from(Service.__table__)
    .join(Therapist.__table__, _therapist.person_id == _service.therapist_id)
    .outerjoin(_own_schedule, _own.id == _service.schedule_id)
    .outerjoin(_default_schedule, and_(_default.therapist_id == _service.therapist_id, _default.is_default))
    .outerjoin(TherapistLimits.__table__, _limits_row.therapist_id == _service.therapist_id)
    .where(_service.active, _therapist.published_at.is_not(None), _therapist.held_at.is_(None))
)
_THESE = Reading(_OFFERED.where(_service.id == any_(bindparam("ids", type_=ARRAY(BigInteger)))))
_NAMED = Reading(_OFFERED.where(_service.public_id == bindparam("public_id")))
_NAMED_AS_SEEN = Glance(_OFFERED.add_columns(*seen_here()).where(_service.public_id == bindparam("public_id")))


def _offers(wanted: Reading, given: dict[str, Any]) -> dict[int, Offer]:
    return {offer.service_id: offer for row in wanted.tuples(given) if (offer := _offer_from(row)) is not None}


@lru_cache(maxsize=2048)
def _offer_from(values: tuple[Any, ...]) -> Offer | None:
    """What the row says, read anew each time; only to make it out again is spared when it says the same."""
    row = _THESE.named(values)
    default = _default_schedule_of(row)
    used, terms = _own_schedule_of(row) or default, _terms(row)
    return _offer(row, terms, used, default) if terms and used and default else None


NamedSchedule = tuple[ScheduleNamed, Schedule]


def _own_schedule_of(row: Any) -> NamedSchedule | None:
    if row.own_id is None:
        return None
    named = ScheduleNamed(row.own_id, row.own_name, row.own_zone or row.zone, row.own_country, row.own_subdivision)
    return named, schedule_from(named, row.own_rules)


def _default_schedule_of(row: Any) -> NamedSchedule | None:
    if row.default_id is None:
        return None
    named = ScheduleNamed(row.default_id, row.default_name, row.default_zone or row.zone, row.default_country, row.default_subdivision)
    return named, schedule_from(named, row.default_rules)


def _terms(row: Any) -> Terms | None:
    """None for terms that no start can meet: one such service must not take the therapist's others off the list."""
    lead = row.lead_minutes * 60
    try:
        return Terms(
            minutes=row.minutes,
            before=row.buffer_before,
            after=row.buffer_after,
            step=row.step_minutes,
            align=typing.cast(Literal["window", "hour"], row.align),
            lead_seconds=lead if row.booking_mode == "instant" else request_lead_seconds(lead),
            # A range says itself how far ahead it reaches.
            days_ahead=row.window_days if row.bookable_until is None else None,
            first_day=row.bookable_from,
            last_day=row.bookable_until,
            # Whoever has announced a last day offers nothing after it.
            until=None if row.leaves_at is None else second_of(row.leaves_at),
        )
    except ValueError:
        log.error("service_terms_unusable", service=row.id)
        return None


def _offer(row: Any, terms: Terms, used: NamedSchedule, default: NamedSchedule) -> Offer:
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
        schedule=used[1],
        schedule_id=used[0].id,
        schedule_name=used[0].name,
        lengths=tuple(sorted((minutes, fee) for minutes, fee in json.loads(row.lengths or "[]"))),
        limits=_limits(_SERVICE_LIMITS, row),
        therapist_limits=_limits(_THERAPIST_LIMITS, row),
        default_schedule=default[1],
        counts_requests=row.count_requests is not False,
        seats=row.seats,
        collects=row.collects,
    )


Per = Literal["day", "week", "gap"]
Measure = Literal["sessions", "minutes"]
Of = Literal["therapist", "service", "client"]
_SERVICE_LIMITS: Sequence[tuple[str, Of, Per, Measure]] = (
    ("day_sessions", "service", "day", "sessions"),
    ("day_minutes", "service", "day", "minutes"),
    ("week_sessions", "service", "week", "sessions"),
    ("week_minutes", "service", "week", "minutes"),
    ("client_week_sessions", "client", "week", "sessions"),
    ("client_gap_days", "client", "gap", "sessions"),
)
_THERAPIST_LIMITS: Sequence[tuple[str, Of, Per, Measure]] = (
    ("all_day_sessions", "therapist", "day", "sessions"),
    ("all_day_minutes", "therapist", "day", "minutes"),
    ("all_week_sessions", "therapist", "week", "sessions"),
    ("all_week_minutes", "therapist", "week", "minutes"),
)


def _limits(kinds: Sequence[tuple[str, Of, Per, Measure]], row: Any) -> tuple[Limit, ...]:
    start = row.week_start or 0
    return tuple(Limit(of, per, measure, most, start) for name, of, per, measure in kinds if (most := getattr(row, name)) is not None)
