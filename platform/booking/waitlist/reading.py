"""The waitlist as its readers may see it: a client their own places and nobody else's, a therapist numbers without names."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ScalarSelect, Select, func, or_, select
from sqlalchemy.orm import aliased, joinedload, selectinload

from booking.models import Booking
from booking.reading import MINUTE, BookedService, Named
from booking.waitlist.models import ALIVE, WaitlistEntry, WaitlistOffer, WaitlistTime
from core.db import db
from core.errors import NotFound
from core.http import cursor_of, key_of
from core.zones import zone as zone_named
from therapists.models import Service, Therapist


@dataclass(frozen=True, slots=True)
class OfferShown:
    """What is being offered: which service, when, and until when it is kept."""

    service_id: uuid.UUID
    start: datetime
    local_start: str
    minutes: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class EntryShown:
    """`before_you` are people in front who wait for the same; None when the place is given up. `is_asked`: whether they are still looking."""

    public_id: uuid.UUID
    therapist: Named
    service: BookedService
    any_of_kind: bool
    times: Sequence[WaitlistTime]
    earliest: date | None
    latest: date | None
    zone: str
    state: str
    end_reason: str | None
    joined_at: datetime
    before_you: int | None
    lapses: int
    is_asked: bool
    offer: OfferShown | None


@dataclass(frozen=True, slots=True)
class EntriesShown:
    items: Sequence[EntryShown]
    next: str | None


@dataclass(frozen=True, slots=True)
class ServiceLine:
    """`waiting` would take this service; who would take one of several is counted at each."""

    service: BookedService
    waiting: int


@dataclass(frozen=True, slots=True)
class LineShown:
    """`people` counts everybody once."""

    open: bool
    people: int
    services: Sequence[ServiceLine]


def show_entry(public_id: uuid.UUID, *, client_id: int, now: datetime) -> EntryShown:
    """NotFound when it is not theirs."""
    row = db.session.execute(_entries(client_id).where(WaitlistEntry.public_id == public_id)).one_or_none()
    if row is None:
        raise NotFound
    return _shown(row[0], row[1], row[2], now=now)


def entries_of(client_id: int, *, limit: int, cursor: str | None, now: datetime) -> EntriesShown:
    """Every place that this client has or had, the newest first."""
    wanted = _entries(client_id)
    if cursor is not None:
        wanted = wanted.where(WaitlistEntry.id < key_of(cursor, int)[0])
    rows = db.session.execute(wanted.order_by(WaitlistEntry.id.desc()).limit(limit + 1)).all()
    return EntriesShown([_shown(row[0], row[1], row[2], now=now) for row in rows[:limit]], cursor_of(rows[limit - 1][0].id) if len(rows) > limit else None)


def line_of(therapist_id: int) -> LineShown:
    """How many wait for this therapist, in all and for each service; NotFound for nobody's profile."""
    is_open = db.session.execute(select(Therapist.waitlist_open).where(Therapist.person_id == therapist_id)).scalar_one_or_none()
    if is_open is None:
        raise NotFound
    alive = (WaitlistEntry.therapist_id == therapist_id, WaitlistEntry.state.in_(ALIVE))
    named = aliased(Service)
    takes = or_(WaitlistEntry.service_id == Service.id, (WaitlistEntry.any_of_kind) & (named.kind == Service.kind) & (named.unit == Service.unit))
    counted = select(func.count(WaitlistEntry.client_id.distinct())).join(named, named.id == WaitlistEntry.service_id).where(*alive, takes)
    mine = select(Service, counted.correlate(Service).scalar_subquery()).where(Service.therapist_id == therapist_id, Service.active).order_by(Service.id)
    lines = [ServiceLine(_service(row[0]), row[1]) for row in db.session.execute(mine)]
    people = db.session.scalar(select(func.count(WaitlistEntry.client_id.distinct())).where(*alive)) or 0
    return LineShown(is_open, people, lines)


def _entries(client_id: int) -> Select[WaitlistEntry, int, WaitlistOffer]:
    loaded = (joinedload(WaitlistEntry.therapist), joinedload(WaitlistEntry.service), selectinload(WaitlistEntry.times))
    open_offer = (WaitlistOffer.entry_id == WaitlistEntry.id) & WaitlistOffer.outcome.is_(None)
    wanted = select(WaitlistEntry, _before(), WaitlistOffer).outerjoin(WaitlistOffer, open_offer).where(WaitlistEntry.client_id == client_id)
    wanted = wanted.options(*loaded, joinedload(WaitlistOffer.booking).joinedload(Booking.service))
    return wanted.execution_options(populate_existing=True)


def _before() -> ScalarSelect[int]:
    """How many came earlier and wait for something that this one waits for, too."""
    other, theirs, mine = aliased(WaitlistEntry), aliased(Service), aliased(Service)
    alike = (theirs.kind == mine.kind) & (theirs.unit == mine.unit) & (other.any_of_kind | WaitlistEntry.any_of_kind)
    counted = (
        select(func.count(other.client_id.distinct()))
        .join(theirs, theirs.id == other.service_id)
        .join(mine, mine.id == WaitlistEntry.service_id)
        .where(
            other.therapist_id == WaitlistEntry.therapist_id,
            other.id < WaitlistEntry.id,
            other.client_id != WaitlistEntry.client_id,
            other.state.in_(ALIVE),
            or_(other.service_id == WaitlistEntry.service_id, alike),
        )
    )
    return counted.correlate(WaitlistEntry).scalar_subquery()


def _shown(entry: WaitlistEntry, before: int, offer: WaitlistOffer | None, *, now: datetime) -> EntryShown:
    live = offer if offer is not None and offer.expires_at > now else None
    return EntryShown(
        public_id=entry.public_id,
        therapist=Named(entry.therapist.public_id, entry.therapist.display_name),
        service=_service(entry.service),
        any_of_kind=entry.any_of_kind,
        times=entry.times,
        earliest=entry.earliest,
        latest=entry.latest,
        zone=entry.zone,
        # What has lapsed is over, also before the job that writes it down.
        state="waiting" if entry.state == "offered" and live is None else entry.state,
        end_reason=entry.end_reason,
        joined_at=entry.joined_at,
        before_you=before if entry.state in ALIVE else None,
        lapses=entry.lapses,
        is_asked=entry.asked_at is not None and entry.state in ALIVE,
        offer=_offer(live, entry.zone) if live else None,
    )


def _offer(offer: WaitlistOffer, zone: str) -> OfferShown:
    booking = offer.booking
    local = booking.starts_at.astimezone(zone_named(zone)).isoformat()
    return OfferShown(booking.service.public_id, booking.starts_at, local, (booking.ends_at - booking.starts_at) // MINUTE, offer.expires_at)


def _service(service: Service) -> BookedService:
    return BookedService(service.public_id, service.kind, service.unit, service.mode, service.minutes)
