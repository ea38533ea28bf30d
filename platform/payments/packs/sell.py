"""Offering, buying and closing packs. A pack comes to life when its payment settles, and is heard of by `payments.news` under the purpose `pack`."""

import uuid
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from payments.models import Payment
from payments.packs.counting import LEAST, MOST, rest
from payments.packs.models import Pack, PackOffer


class AlreadyOffered(Conflict):
    code, detail = "already_offered", "You offer a pack of as many sessions of this already. Stop it first."


class NothingLeft(Conflict):
    code, detail = "nothing_left", "Nothing of this pack can be given back: every session is used or booked."


def offer_pack(payee_id: int, what: uuid.UUID, *, sessions: int, price: Money, now: datetime) -> PackOffer:
    """Put a pack on sale. The caller knows that `what` is the payee's own. Invalid, AlreadyOffered."""
    if not LEAST <= sessions <= MOST:
        raise Invalid(errors={"sessions": [f"From {LEAST} to {MOST}."]})
    if price.amount < sessions:
        raise Invalid(errors={"price": ["Every session costs something."]})
    on_sale = select(PackOffer.id).where(PackOffer.what == what, PackOffer.sessions == sessions, PackOffer.stopped_at.is_(None))
    if db.session.scalars(on_sale).first() is not None:
        raise AlreadyOffered
    offer = PackOffer(
        public_id=uuid.uuid4(), payee_id=payee_id, what=what, sessions=sessions, price_amount=price.amount, price_currency=price.currency, made_at=now
    )
    db.session.add(offer)
    db.session.flush()
    audit.record("payments.pack_offered", subject=("pack_offer", offer.id), actor=payee_id, sessions=sessions, amount=price.amount)
    return offer


def stop_offer(public_id: uuid.UUID, *, payee_id: int, now: datetime) -> PackOffer:
    """Sell it no more. NotFound for somebody else's. Twice changes nothing."""
    wanted = select(PackOffer).where(PackOffer.public_id == public_id, PackOffer.payee_id == payee_id).with_for_update()
    offer = db.session.scalars(wanted).one_or_none()
    if offer is None:
        raise NotFound
    offer.stopped_at = offer.stopped_at or now
    db.session.flush()
    return offer


def ask_for_pack(offer: PackOffer, *, payer_id: int, fee_points: int, now: datetime) -> Pack:
    """The pack that this person asked for and has not paid, at the price of today; a new one if there is none. NotFound when it is not on sale any more."""
    if offer.stopped_at is not None:
        raise NotFound
    asked = select(Pack).where(Pack.offer_id == offer.id, Pack.payer_id == payer_id, Pack.state == "asked").with_for_update()
    known = db.session.scalars(asked).first()
    if known is not None:
        return known
    pack = Pack(
        public_id=uuid.uuid4(),
        offer_id=offer.id,
        payer_id=payer_id,
        payee_id=offer.payee_id,
        what=offer.what,
        sessions=offer.sessions,
        price_amount=offer.price_amount,
        price_currency=offer.price_currency,
        fee_points=fee_points,
        state="asked",
        reserved=0,
        consumed=0,
        asked_at=now,
    )
    db.session.add(pack)
    db.session.flush()
    return pack


def pack_paid(reference: uuid.UUID, *, now: datetime) -> Pack | None:
    """Its payment settled: the sessions can be booked. None for a pack that is closed or unknown, whose money goes back."""
    pack = db.session.scalars(select(Pack).where(Pack.public_id == reference).with_for_update().execution_options(populate_existing=True)).one_or_none()
    if pack is None or pack.state == "closed":
        return None
    if pack.state == "asked":
        pack.state, pack.paid_at = "paid", now
        db.session.flush()
        audit.record("payments.pack_bought", subject=("pack", pack.id), sessions=pack.sessions)
    return pack


def close_pack(public_id: uuid.UUID, *, payer_id: int, now: datetime) -> tuple[Pack, Payment, int]:
    """Nothing more is booked from it; the pack, its payment (locked) and what goes back now. Sessions that are booked stay paid. NotFound, NothingLeft."""
    wanted = select(Pack).where(Pack.public_id == public_id, Pack.payer_id == payer_id, Pack.state == "paid")
    pack = db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if pack is None:
        raise NotFound
    back = rest(pack.price_amount, pack.count)
    if back == 0:
        raise NothingLeft
    paid = select(Payment).where(Payment.reference == pack.public_id, Payment.purpose == "pack", Payment.captured_amount > 0)
    payment = db.session.execute(paid.with_for_update().execution_options(populate_existing=True)).scalar_one()
    close(pack, back, by=payer_id, now=now)
    return pack, payment, back


def close(pack: Pack, back: int, *, by: int, now: datetime) -> None:
    """Nothing more is booked from it; the caller holds its lock, and gives `back` minor units to its payer."""
    pack.state, pack.closed_at = "closed", now
    db.session.flush()
    audit.record("payments.pack_closed", subject=("pack", pack.id), actor=by, amount=back)


def pack_of_payment(public_id: uuid.UUID) -> Pack | None:
    """What came to life by this payment, locked: whoever goes on to lock the payment has it first. None for other payments."""
    paid = select(Pack).join(Payment, (Payment.reference == Pack.public_id) & (Payment.purpose == "pack"))
    wanted = paid.where(Payment.public_id == public_id, Pack.state != "asked")
    return db.session.scalars(wanted.with_for_update(of=Pack).execution_options(populate_existing=True)).one_or_none()


def used_of(pack: Pack) -> int:
    """What its used and booked sessions are worth, in minor units."""
    return pack.price_amount - rest(pack.price_amount, pack.count)
