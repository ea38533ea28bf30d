"""Packs of sessions of one service: offered by its therapist, bought by a client whom that therapist may treat, the rest given back at any time."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from booking.models import ONLINE
from booking.openings.offers import offer_named
from booking.paying.checkout import Begun
from booking.paying.due import NotPaidHere, our_points
from care.capacity import require_places
from care.doors import require_may_treat
from care.own_booking import require_own_booking
from core.db import db, lock_persons
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from payments.ask import ask_for
from payments.checkout.begin import begin_checkout
from payments.collection.choose import require_online
from payments.packs.models import Pack, PackOffer
from payments.packs.reading import OfferShown, offers_by
from payments.packs.sell import ask_for_pack, close_pack, offer_pack
from payments.refunds.request import give_back
from therapists.models import GROUP, Service

PURPOSE = "pack"


class NoPacks(Conflict):
    code, detail = "no_packs", "Packs are for paid sessions that are not groups."


def offer_own_pack(therapist_id: int, service_id: uuid.UUID, *, sessions: int, price: Money, now: datetime) -> OfferShown:
    """Put a pack of one's own service on sale, never dearer than its sessions one by one. NotFound, NoPacks, NotPaidHere, Invalid, AlreadyOffered."""
    offer = offer_named(service_id)
    if offer is None or offer.therapist_id != therapist_id:
        raise NotFound
    if offer.kind != "session" or offer.unit == GROUP or not offer.fee_amount:
        raise NoPacks
    if offer.collects != ONLINE:
        raise NotPaidHere
    if price.currency != offer.fee_currency or price.amount > offer.fee_amount * sessions:
        raise Invalid(errors={"price": ["In the currency of the service, and no more than its sessions cost one by one."]})
    offered = offer_pack(therapist_id, service_id, sessions=sessions, price=price, now=now)
    return next(each for each in offers_by(therapist_id) if each.public_id == offered.public_id)


def begin_buying(public_id: uuid.UUID, *, by: int, now: datetime) -> Begun:
    """Begin, or go on with, the one payment of a pack. NotFound, those of `require_own_booking`, `may_not_treat`, `not_accepting`,
    `payee_not_ready`, NotPayable.
    """
    on_sale = db.session.scalars(select(PackOffer).where(PackOffer.public_id == public_id, PackOffer.stopped_at.is_(None))).one_or_none()
    offer = offer_named(on_sale.what) if on_sale is not None else None
    if on_sale is None or offer is None or by == offer.therapist_id:
        raise NotFound
    lock_persons(by, offer.therapist_id)
    require_online(offer.therapist_id)
    require_own_booking(offer.therapist_id, [by], by=by, unit=offer.unit, now=now)
    require_may_treat(offer.therapist_id, [by], kind=offer.kind, unit=offer.unit, mode=offer.mode, at=now, now=now)
    require_places(offer.therapist_id, [by])
    pack = ask_for_pack(on_sale, payer_id=by, fee_points=our_points(offer.therapist_id, by, origin="directory", now=now), now=now)
    payment = ask_for(pack.price, reference=pack.public_id, purpose=PURPOSE, payer_id=by, payee_id=offer.therapist_id, now=now)
    return Begun(begin_checkout(payment, now=now).id, payment.public_id, payment.asked)


def close_own_pack(public_id: uuid.UUID, *, by: int, now: datetime) -> Pack:
    """What is neither used nor booked goes back to the card. NotFound, NothingLeft."""
    pack, payment, rest = close_pack(public_id, payer_id=by, now=now)
    give_back(payment, rest, reason="pack_closed", by=by, now=now)
    return pack


def services_named(public_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Service]:
    """By public id, retired ones included: a pack outlives what it was sold for."""
    return {service.public_id: service for service in db.session.scalars(select(Service).where(Service.public_id.in_(public_ids)))}
