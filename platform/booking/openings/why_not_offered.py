"""Why a time is not offered: the rules that removed it, from the same engine that lists openings.

The therapist and staff are told everything that is a fact of the calendar, also why a service cannot be booked at all; nobody is told the reason of time off.
Others learn what is public about the service, what is their own, and of the rest only that the therapist has no time then: and not even that of a start that
a public rule removes anyway. Otherwise whoever asks for each minute, or for the past, would read the appointments of others off the answers.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select

from booking.models import Booking, Claim
from booking.openings.availability import FURTHEST, facts_for, instant_of, obstacles_to, offer_named, second_of
from booking.openings.busy import outside_busy_of
from booking.openings.engine import LIMITS, Obstacle
from booking.openings.intervals import overlap
from booking.openings.obstacle_words import NOT_ACCEPTING, NOT_PUBLISHED, ON_HOLD, OWN, PAID_NOWHERE, PUBLIC, RETIRED, UNUSABLE, told, words_of_limit
from booking.openings.offers import Offer
from booking.openings.schedule import Absence, date_at, holidays_between, resolved
from care.capacity import is_open_to, takes_new_clients
from core.db import db
from core.errors import NotFound
from core.zones import zone
from therapists.models import Service, Therapist
from therapists.schedule_models import TimeOff


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule. What belongs to it is set, the rest None: `counted` of `most` for a limit, the booking or an outside calendar for busy time."""

    code: str
    text: str
    schedule: str | None = None
    holiday: str | None = None
    time_off_id: uuid.UUID | None = None
    most: int | None = None
    counted: int | None = None
    booking_id: uuid.UUID | None = None
    is_outside: bool | None = None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """`offered` is True exactly when there is no reason, and then the time can be booked; where `new_clients` is False only by whoever is in care."""

    start: datetime
    end: datetime
    local_start: str
    zone: str
    reasons: Sequence[Reason]
    new_clients: bool

    @property
    def offered(self) -> bool:
        return not self.reasons


def why_not_offered(
    service_id: uuid.UUID, start: datetime, *, by: int | None, is_staff: bool, now: datetime, minutes: int | None = None, zone_name: str | None = None
) -> WhyNot:
    """What keeps this service from being booked at this start, as much as the caller may know. NotFound, also of one that others cannot book at all;
    NoSuchLength.
    """
    offer = offer_named(service_id)
    if offer is None:
        return _not_bookable(service_id, start, by=by, is_staff=is_staff, now=now, zone_name=zone_name)
    offer = offer.of_length(minutes)
    in_full = is_staff or by == offer.therapist_id
    client_ids = () if in_full or by is None else (by,)
    obstacles = obstacles_to(offer, start, client_ids=client_ids, now=now)
    reasons = _in_full(offer, start, obstacles, now=now) if in_full else _in_short(obstacles)
    if offer.is_paid_nowhere:
        reasons.append(Reason(PAID_NOWHERE, told(PAID_NOWHERE)))
    new_clients = takes_new_clients([offer.therapist_id])[offer.therapist_id]
    if not in_full and not (new_clients if by is None else is_open_to(offer.therapist_id, by)):
        reasons.append(Reason(NOT_ACCEPTING, told(NOT_ACCEPTING)))
    return _told(start, offer.terms.minutes, zone_name or offer.schedule.zone, reasons, new_clients=new_clients, now=now)


def _told(start: datetime, minutes: int, zone_name: str, reasons: Sequence[Reason], *, new_clients: bool, now: datetime) -> WhyNot:
    if abs(start - now) > FURTHEST:
        return WhyNot(start, start, start.isoformat(), zone_name, reasons, new_clients)
    return WhyNot(start, start + timedelta(minutes=minutes), start.astimezone(zone(zone_name)).isoformat(), zone_name, reasons, new_clients)


def _not_bookable(service_id: uuid.UUID, start: datetime, *, by: int | None, is_staff: bool, now: datetime, zone_name: str | None) -> WhyNot:
    """Of a service that nobody can book now. To anybody but its therapist and staff it is not there."""
    facts = select(Service.therapist_id, Service.minutes, Service.active, Therapist.zone, Therapist.published_at, Therapist.held_at)
    named = facts.join(Therapist, Therapist.person_id == Service.therapist_id).where(Service.public_id == service_id)
    row = db.session.execute(named).one_or_none()
    if row is None or not (is_staff or by == row.therapist_id):
        raise NotFound
    stands = {RETIRED: not row.active, NOT_PUBLISHED: row.published_at is None, ON_HOLD: row.held_at is not None}
    codes = [code for code, true in stands.items() if true] or [UNUSABLE]
    return _told(start, row.minutes, zone_name or row.zone, [Reason(code, told(code)) for code in codes], new_clients=False, now=now)


def _in_short(obstacles: Sequence[Obstacle]) -> list[Reason]:
    """Whether somebody else has the time, or the therapist does not work, is one and the same answer, and said only where nothing public says no."""
    about_others = "not_available" if PUBLIC.isdisjoint(obstacles) else None
    codes = dict.fromkeys(obstacle if obstacle in PUBLIC | OWN else about_others for obstacle in obstacles)
    return [Reason(code, told(code)) for code in codes if code is not None]


def _in_full(offer: Offer, start: datetime, obstacles: Sequence[Obstacle], *, now: datetime) -> list[Reason]:
    reasons: list[Reason] = []
    for obstacle in obstacles:
        if obstacle in LIMITS:
            continue
        if obstacle == "busy":
            reasons += _busy(offer, start, now=now)
        elif obstacle == "time_off":
            reasons += _time_off(offer, start)
        elif obstacle == "holiday":
            reasons += _holidays(offer, start)
        else:
            reasons.append(Reason(obstacle, told(obstacle), schedule=offer.schedule_name if obstacle in ("out_of_hours", "off_grid") else None))
    return reasons + (_limits(offer, start, now=now) if not LIMITS.isdisjoint(obstacles) else [])


def _limits(offer: Offer, start: datetime, *, now: datetime) -> list[Reason]:
    second = second_of(start)
    tallies = facts_for([offer], start, start, client_ids=(), now=now)[offer.service_id].tallies
    return [
        Reason(each.limit.code, words_of_limit(each.limit), most=each.limit.most, counted=each.spent_at(second))
        for each in tallies
        if each.refuses(second, offer.terms.minutes)
    ]


def _busy(offer: Offer, start: datetime, *, now: datetime) -> list[Reason]:
    low, high = offer.terms.block(second_of(start))
    taken = (
        select(Booking.public_id)
        .join(Claim, Claim.booking_id == Booking.id)
        .where(
            Claim.person_id == offer.therapist_id,
            Claim.blocks,
            Claim.blocks_from < instant_of(high),
            Claim.blocks_to > instant_of(low),
            or_(Claim.lapses_at.is_(None), Claim.lapses_at > now),
        )
        .order_by(Claim.blocks_from)
    )
    own = [Reason("busy", told("busy_booking"), booking_id=public_id, is_outside=False) for public_id in db.session.execute(taken).scalars()]
    outside = outside_busy_of(offer.therapist_id, instant_of(low), instant_of(high))
    return own + ([Reason("busy", told("busy_outside"), is_outside=True)] if any(overlap(each, (low, high)) for each in outside) else [])


def _time_off(offer: Offer, start: datetime) -> list[Reason]:
    first, last = (date_at(offer.schedule, second) for second in offer.terms.session(second_of(start)))
    away = select(TimeOff).where(TimeOff.therapist_id == offer.therapist_id, TimeOff.first_day <= last, TimeOff.last_day >= first)
    used = or_(TimeOff.schedule_id.is_(None), TimeOff.schedule_id == offer.schedule_id)
    session = offer.terms.session(second_of(start))
    found = [
        each.public_id
        for each in db.session.scalars(away.where(used).order_by(TimeOff.id))
        if overlap(session, resolved(offer.schedule, Absence(each.first_day, each.last_day, each.from_minute, each.to_minute)))
    ]
    return [Reason("time_off", told("time_off"), schedule=offer.schedule_name, time_off_id=public_id) for public_id in found]


def _holidays(offer: Offer, start: datetime) -> list[Reason]:
    first, last = (date_at(offer.schedule, second) for second in offer.terms.session(second_of(start)))
    session = offer.terms.session(second_of(start))
    named = [name for seconds, name in holidays_between(offer.schedule, first, last) if overlap(seconds, session)]
    return [Reason("holiday", told("holiday"), schedule=offer.schedule_name, holiday=name) for name in named]
