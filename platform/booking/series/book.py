"""Appointments at one time every so many weeks, agreed together: all of them, those that are free, or as many as asked for, in one transaction."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, TypeAlias

from sqlalchemy import select

from booking.advance import told_together
from booking.calendar.invitation import new_uid
from booking.expire import end_lapsed_of, watch_request
from booking.lifecycle import State
from booking.models import ONLINE, Booking
from booking.openings.availability import FURTHEST, Offer, offer_named, offers_of, second_of
from booking.openings.schedule import zone_at
from booking.overlapped import end_overlapped_requests
from booking.paying.due import SeriesPaymentNeeded, require_way_to_pay
from booking.place import Wanted, require_room_for, write_all_judged
from booking.refusals import NotAnOpening
from booking.request import as_asked
from booking.series.dates import Asked, JudgedDate, judge, plan_of
from booking.series.models import Series
from booking.series.plan import Rhythm
from care.capacity import require_places
from care.doors import require_may_treat
from care.own_booking import require_own_booking
from care.relation import begin_care
from core import audit
from core.db import db, lock_persons
from core.errors import Conflict, Invalid, NotFound
from therapists.models import Service

OnConflict: TypeAlias = Literal["refuse", "skip", "extend"]
ON_CONFLICT: tuple[OnConflict, ...] = ("refuse", "skip", "extend")


class NoSeries(Conflict):
    code, detail = "no_series", "This service cannot be booked as a series."


class TooManyDates(Invalid):
    """`most` of the problem document is how many there may be."""

    code, detail = "too_many_dates", "That is more dates than can be booked at once."


class SeriesConflicts(Conflict):
    """`conflicts` lists each date that cannot be booked, with the reasons."""

    code, detail = "series_conflicts", "Some of these dates cannot be booked. Nothing was booked."


@dataclass(frozen=True, slots=True)
class Repeated:
    """How often: so many dates, so many weeks apart, what is to happen with dates that cannot be booked, and how long (None: the usual length)."""

    every_weeks: int
    count: int
    on_conflict: OnConflict = "refuse"
    minutes: int | None = None

    @property
    def extends(self) -> bool:
        return self.on_conflict == "extend"


def book_series(
    client_id: int, service_id: uuid.UUID, start: datetime, repeated: Repeated, *, now: datetime, title: str | None = None, origin: str = "directory"
) -> Series:
    """Book it for this client: confirmed at once, or as one request for all dates, as the service says.

    Refusals: those of `prepare_series`, `too_many_open`, and PaymentNeeded for what is paid by card: that is held first (`series.hold`).
    """
    ready = prepare_series(client_id, service_id, start, repeated, title=title, origin=origin, now=now)
    if ready.wanted.offer.fee_amount and ready.wanted.offer.collects == ONLINE:
        raise SeriesPaymentNeeded
    require_way_to_pay(ready.wanted.offer, held=True)
    state, lapses_at = as_asked(ready.wanted.offer, ready.first.start, now=now)
    require_room_for(ready.first, state, now=now)
    with told_together():
        series, bookings = write_series(ready.wanted, ready.rhythm, ready.dates, state, lapses_at=lapses_at, now=now)
        settle_series(bookings, ready.wanted, now=now)
    return series


@dataclass(frozen=True, slots=True)
class ReadySeries:
    """Dates that can be booked now, judged under locks that are still held. `first` is the earliest of them."""

    wanted: Wanted
    rhythm: Rhythm
    dates: Sequence[JudgedDate]
    first: Wanted


def prepare_series(
    client_id: int, service_id: uuid.UUID, start: datetime, repeated: Repeated, *, now: datetime, title: str | None = None, origin: str = "directory"
) -> ReadySeries:
    """Lock this client and the therapist, and ask every rule of every date.

    Refusals: NotFound, NoSeries, TooManyDates, NoSuchLength, those of `require_own_booking`, SeriesConflicts (also when no date is free),
    `may_not_treat`, `not_accepting`.
    """
    offer = offer_that_repeats(service_id, repeated.count).of_length(repeated.minutes)
    require_near(start, now=now)
    wanted = Wanted(offer, start, (client_id,), offer.terms.minutes, by=client_id, title=title, origin=origin)
    lock_persons(*wanted.people)
    end_lapsed_of(wanted.people, now=now)
    fresh = offers_of([offer.service_id]).get(offer.service_id)
    if fresh is None:
        raise NotFound
    fresh = fresh.of_length(repeated.minutes)
    wanted = replace(wanted, offer=fresh)
    rhythm = rhythm_of(fresh, start, repeated.every_weeks)
    require_own_booking(fresh.therapist_id, wanted.client_ids, by=wanted.by, unit=fresh.unit, now=now)
    dates = free_dates(Asked(fresh, wanted.client_ids, now), rhythm, repeated)
    first = replace(wanted, start=dates[0].start or start)
    require_may_treat(fresh.therapist_id, wanted.client_ids, kind=fresh.kind, unit=fresh.unit, mode=fresh.mode, at=first.start, now=now)
    require_places(fresh.therapist_id, wanted.client_ids)
    return ReadySeries(wanted, rhythm, dates, first)


def offer_that_repeats(service_id: uuid.UUID, count: int) -> Offer:
    """NotFound, NoSeries or TooManyDates unless clients may book so many dates of this service at once."""
    offer = offer_named(service_id)
    if offer is None:
        raise NotFound
    most = db.session.execute(select(Service.series_most).where(Service.id == offer.service_id)).scalar_one()
    if offer.kind != "session" or most < 2:
        raise NoSeries
    if count > most:
        raise TooManyDates(errors={"count": [f"At most {most}."]}, extra={"most": most})
    return offer


def require_near(start: datetime, *, now: datetime) -> None:
    """NotAnOpening for what no calendar arithmetic should be asked about, or no whole minute."""
    if abs(start - now) > FURTHEST:
        raise NotAnOpening(code="past" if start < now else "too_far")
    if start.second or start.microsecond:
        raise NotAnOpening(code="off_grid", errors={"start": ["A whole minute."]})


def rhythm_of(offer: Offer, start: datetime, every_weeks: int) -> Rhythm:
    """On the therapist's wall clock, in the zone of the first date."""
    second = second_of(start)
    return Rhythm(second, zone_at(offer.schedule, second), every_weeks)


def free_dates(asked: Asked, rhythm: Rhythm, repeated: Repeated) -> list[JudgedDate]:
    """The dates to book; SeriesConflicts when what was asked for is not to be had. The caller holds the locks."""
    judged = judge(asked, plan_of(rhythm, repeated.count, extends=repeated.extends), enough=repeated.count)
    free = [date for date in judged if date.can_be_booked]
    short = len(free) < repeated.count
    if not free or (short and repeated.on_conflict != "skip"):
        raise SeriesConflicts(extra={"conflicts": [date.as_problem() for date in judged if not date.can_be_booked]})
    return free


def write_series(
    wanted: Wanted,
    rhythm: Rhythm,
    dates: Sequence[JudgedDate],
    state: State,
    *,
    lapses_at: datetime | None,
    held_for: str | None = None,
    now: datetime,
) -> tuple[Series, list[Booking]]:
    """One row for the series and one booking for each date. OpeningTaken, and nothing is left, when the database refuses one of them."""
    series = new_series(wanted.offer, rhythm, by=wanted.by if wanted.by is not None else wanted.client_ids[0], minutes=wanted.minutes, now=now)
    each = [replace(wanted, start=date.start, series=(series.id, date.planned.position)) for date in dates if date.start is not None]
    return series, write_all_judged(each, state, lapses_at=lapses_at, held_for=held_for, now=now)


def new_series(offer: Offer, rhythm: Rhythm, *, by: int, minutes: int, now: datetime, split_from: int | None = None) -> Series:
    """The row of a rhythm."""
    first = rhythm.planned(1)
    series = Series(
        public_id=uuid.uuid4(),
        therapist_id=offer.therapist_id,
        service_id=offer.service_id,
        every_weeks=rhythm.every_weeks,
        starts_at=datetime.fromtimestamp(rhythm.start, now.tzinfo),
        wall_start=first.wall,
        zone=rhythm.zone,
        minutes=minutes,
        calendar_uid=new_uid(),
        calendar_sequence=-1,
        booked_by=by,
        created_at=now,
        split_from=split_from,
    )
    db.session.add(series)
    db.session.flush()
    audit.record("series.begun", subject=("series", series.public_id), actor=by)
    return series


def settle_series(bookings: Sequence[Booking], wanted: Wanted, *, now: datetime) -> None:
    """What follows from a request or confirmed bookings; see `place.settle`. One clock for all dates of a request."""
    first = bookings[0]
    accepted = first.stands is State.CONFIRMED
    begin_care(first.therapist_id, wanted.client_ids, unit=first.unit, origin=wanted.origin, accepted=accepted, now=now)
    if not accepted:
        watch_request(first, now=now)
        return
    end_overlapped_requests(*bookings, now=now)
