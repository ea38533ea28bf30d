"""Therapists out of the database as the columns take them, each with the instant until which that holds. Read past the session: nothing of it stays there."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, BigInteger, any_, bindparam, func, select
from sqlalchemy.orm import Session

from booking.models import Booking, Claim
from booking.openings.availability import starts_of
from booking.openings.engine import booking_window
from booking.openings.offers import Offer, instant_of, offers_of, second_of
from booking.openings.schedule import ONE_DAY, date_at, day_start
from booking.track_record.measure import track_records_of
from care.capacity import places_taken
from care.models import ReservedPlace
from core.db import db
from matching.candidate import Candidate
from matching.faces import Face, face_of
from matching.listing import SESSION, TALK
from matching.market import HORIZON, STATED, candidate_of
from matching.snapshot.columns import CannotPack, Packed, packed
from matching.snapshot.postings import reach_at
from therapists.accepting import HOLDS_FOR
from therapists.checked_credentials import checked_credentials
from therapists.facts import standings
from therapists.models import Therapist
from therapists.standing_clock import AFTER, turning_points

# Columns are made anew before the openings beyond the horizon are used up.
SLACK = timedelta(days=2)
# Whatever holds longer is read again by then, some earlier than others: multiples of the golden ratio spread numbers that follow each other.
READ_AGAIN, SPREAD = timedelta(days=1), 0.6180339887
assert READ_AGAIN < SLACK
AT_ONCE = 200
_IDS = any_(bindparam("ids", type_=ARRAY(BigInteger)))
# What ends by itself, and with it what it takes.
_ENDS = (
    select(Booking.therapist_id, func.min(Booking.lapses_at))
    .where(Booking.therapist_id == _IDS, Booking.lapses_at > bindparam("now"))
    .group_by(Booking.therapist_id)
).union_all(
    select(Claim.person_id, func.min(Claim.lapses_at)).where(Claim.person_id == _IDS, Claim.lapses_at > bindparam("now")).group_by(Claim.person_id),
    select(ReservedPlace.therapist_id, func.min(ReservedPlace.until))
    .where(ReservedPlace.therapist_id == _IDS, ReservedPlace.until > bindparam("now"))
    .group_by(ReservedPlace.therapist_id),
)


@dataclass(frozen=True)
class Known:
    """One published therapist as read. `packed` is None for somebody whom columns cannot hold: the specification answers for them.

    `face` is what cards say of them; None for somebody who was read for the columns alone, without first talks. `made` keeps what was made out of this reading.
    """

    therapist_id: int
    packed: Packed | None
    good_until: datetime
    face: Face | None = None
    made: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


def everybody(*, now: datetime) -> Iterator[Known]:
    """Every published therapist, some at once."""
    ids = db.session.scalars(select(Therapist.person_id).where(Therapist.published_at.is_not(None)).order_by(Therapist.person_id)).all()
    for first in range(0, len(ids), AT_ONCE):
        yield from these(ids[first : first + AT_ONCE], now=now, to_show=False)


def these(ids: Collection[int], *, now: datetime, to_show: bool = True) -> list[Known]:
    """Those of them who are published; without `to_show` only what the columns take."""
    with Session(bind=db.session.connection(), autoflush=False, expire_on_commit=False) as session:
        wanted = select(Therapist).where(Therapist.published_at.is_not(None), Therapist.person_id.in_(ids)).options(*STATED).order_by(Therapist.person_id)
        found = session.scalars(wanted).unique().all()
        session.expunge_all()
    held = [each.person_id for each in found]
    taken, standing, measured = places_taken(held) if held else {}, standings(held), track_records_of(held)
    checked, kinds = (checked_credentials(held), (SESSION, TALK)) if to_show else ({}, (SESSION,))
    offers = offers_of([service.id for each in found for service in each.services if service.active and service.kind in kinds])
    # Beyond the horizon too: it moves on while these columns are used.
    openings = {service: tuple(starts) for service, starts in starts_of(offers.values(), now, now + HORIZON + SLACK, now=now).items()}
    ends: dict[int, datetime] = {}
    for person_id, at in db.session.execute(_ENDS, {"ids": held, "now": now}):
        if at is not None:
            ends[person_id] = min(at, ends.get(person_id, at))

    def seen_by(therapist: Therapist, *, signed_in: bool) -> Candidate:
        who = therapist.person_id
        candidate = candidate_of(therapist, standing[who], places_taken=taken.get(who, 0), signed_in=signed_in, now=now, measured=measured.get(who))
        return replace(candidate, services=tuple(replace(each, openings=openings.get(each.service_id, ())) for each in candidate.services))

    def known(therapist: Therapist) -> Known:
        candidate = seen_by(therapist, signed_in=False)
        member = seen_by(therapist, signed_in=True) if therapist.identities else None
        own = [offers[service.id] for service in therapist.services if service.id in offers]
        leads = {offer.service_id: offer.terms.lead_seconds // 60 for offer in own}
        points = [*turning_points(candidate.standing), therapist.accepting_said_at + HOLDS_FOR + AFTER, *(_opens_further(offer, now) for offer in own)]
        points += [ends[therapist.person_id]] if therapist.person_id in ends else []
        points += [now + READ_AGAIN * (1 + therapist.person_id * SPREAD % 1) / 2]
        face = face_of(therapist, checked[therapist.person_id]) if to_show else None
        return Known(therapist.person_id, _packed(candidate, member, leads, now), min(each for each in points if each > now), face)

    return [known(each) for each in found]


def _packed(candidate: Candidate, member: Candidate | None, leads: Mapping[int, int], now: datetime) -> Packed | None:
    try:
        return packed(candidate, reach_at(now), member=member, leads=leads)
    except CannotPack:
        return None


def _opens_further(offer: Offer, now: datetime) -> datetime:
    """When a booking window that ends within what was read reaches a day further: the next midnight of its schedule."""
    at = second_of(now)
    if offer.terms.days_ahead is None or booking_window(offer.schedule, offer.terms, now=at)[1] >= at + (HORIZON + SLACK).total_seconds():
        return now + HORIZON
    return instant_of(day_start(offer.schedule, date_at(offer.schedule, at) + ONE_DAY))
