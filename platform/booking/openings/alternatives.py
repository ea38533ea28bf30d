"""Three openings with others, for somebody whose request came to nothing: the same kind of service, as soon as possible, and each one books."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from booking.models import Booking
from booking.openings.availability import Offer, offers_of, openings_of
from care.capacity import takes_new_clients
from care.doors import refusals_of
from core.db import db
from therapists.models import Service, SpokenLanguage, Therapist

SHOWN = 3
LOOKED_AT = 200  # services
WITHIN = timedelta(days=21)


@dataclass(frozen=True, slots=True)
class Alternative:
    """One opening with somebody else."""

    service_id: uuid.UUID
    therapist_id: uuid.UUID
    therapist_name: str
    start: datetime


def alternatives_to(booking: Booking, *, client_id: int, now: datetime) -> list[Alternative]:
    """Up to three openings, one each of different therapists, the earliest first.

    Offered are therapists who speak a language of the one who was asked, give the same kind of service for the same people in the same way for no more
    money, take new clients, and may treat this client at that time. Nobody is ranked here: that is the shortlist's work.
    """
    offers = _offers_like(booking)
    found = openings_of(offers.values(), now, now + WITHIN, now=now, limit=1, client_id=client_id)
    earliest = sorted((starts[0], service_id) for service_id, starts in found.items() if starts)
    chosen: dict[int, tuple[datetime, Offer]] = {}
    for start, service_id in earliest:
        offer = offers[service_id]
        if len(chosen) < SHOWN and offer.therapist_id not in chosen and _may_treat(offer, client_id, start, now=now):
            chosen[offer.therapist_id] = (start, offer)
    return _named(list(chosen.values()))


def _offers_like(booking: Booking) -> dict[int, Offer]:
    spoken = select(SpokenLanguage.language).where(SpokenLanguage.therapist_id == booking.therapist_id, SpokenLanguage.level != "basic")
    speaks = select(SpokenLanguage.therapist_id).where(SpokenLanguage.language.in_(spoken), SpokenLanguage.level != "basic")
    alike = (
        select(Service.id)
        .join(Therapist, Therapist.person_id == Service.therapist_id)
        .where(
            Service.active,
            Service.therapist_id != booking.therapist_id,
            Service.therapist_id.in_(speaks),
            Service.kind == booking.kind,
            Service.unit == booking.unit,
            Service.mode == booking.mode,
            (Service.fee_amount == 0) | ((Service.fee_amount <= booking.fee_amount) & (Service.fee_currency == booking.fee_currency)),
            Therapist.published_at.is_not(None),
        )
        .order_by(Therapist.published_at.desc(), Service.id)
        .limit(LOOKED_AT)
    )
    offers = offers_of(db.session.execute(alike).scalars().all())
    has_place = takes_new_clients({offer.therapist_id for offer in offers.values()})
    return {service_id: offer for service_id, offer in offers.items() if has_place.get(offer.therapist_id)}


def _may_treat(offer: Offer, client_id: int, start: datetime, *, now: datetime) -> bool:
    refusals = refusals_of([offer.therapist_id], [client_id], kind=offer.kind, unit=offer.unit, mode=offer.mode, at=start, now=now)
    return not refusals[offer.therapist_id]


def _named(chosen: Sequence[tuple[datetime, Offer]]) -> list[Alternative]:
    ids = [offer.therapist_id for _, offer in chosen]
    rows = db.session.execute(select(Therapist.person_id, Therapist.public_id, Therapist.display_name).where(Therapist.person_id.in_(ids)))
    therapists = {row.person_id: row for row in rows}
    return [
        Alternative(offer.service_public_id, therapists[offer.therapist_id].public_id, therapists[offer.therapist_id].display_name, start)
        for start, offer in chosen
    ]
