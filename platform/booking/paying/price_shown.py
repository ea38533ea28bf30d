"""What an appointment costs and why, for its client to see before it is booked: the whole price, what was taken off, and how it is paid."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from booking.advance import participant_of
from booking.after.late_fee import late_fee_of
from booking.cancel import free_until
from booking.carts.models import Cart
from booking.lifecycle import State
from booking.models import INVOICES, Booking, has_public_id
from booking.paying.due import is_by_clock, is_paid
from booking.paying.pay_due import fee_by_card, fee_due
from booking.paying.price import concessions_of, pack_for
from booking.paying.reading import charges_beside
from booking.paying.series_checkout import ChargeOfDate, charges_of
from core.db import db
from core.errors import NotFound
from core.money import Money
from payments.codes.use import use_of
from payments.packs.take import pays_by_pack

# How it is paid: by card here (also the rest of what a gift code pays a part of), to the therapist's invoice, by a session of a pack, by a gift code, or not at
# all.
WAYS = ("card", "invoice", "pack", "gift", "nothing")


@dataclass(frozen=True, slots=True)
class ConcessionShown:
    """A lower fee that can be asked for, with its rule in the therapist's words."""

    name: str
    fee: Money
    rule: str


@dataclass(frozen=True, slots=True)
class PriceShown:
    """`list_price` less the concession less `code_off` less what a gift code pays (`by_gift`) is `to_pay`: nothing is added to it
    anywhere. `pack_sessions_left` could still be booked instead.
    `due` is what was not paid as it should have been; `charges` are those of all dates that are held together.
    """

    booking_id: uuid.UUID
    state: str
    cart_id: uuid.UUID | None
    starts_at: datetime
    held_until: datetime | None
    list_price: Money
    concession: str | None
    code_off: Money | None
    by_gift: Money | None
    to_pay: Money
    way: str
    late_fee: Money | None
    cancel_free_until: datetime
    concessions: Sequence[ConcessionShown]
    pack_sessions_left: int
    late_counts: bool
    due: Money | None
    charges: Sequence[ChargeOfDate]


def show_price(public_id: uuid.UUID, *, person_id: int, now: datetime) -> PriceShown:
    """NotFound unless they attend it."""
    wanted = select(Booking).where(has_public_id(public_id, person_id=person_id)).options(selectinload(Booking.participants))
    booking = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if booking is None or participant_of(booking, person_id) is None:
        raise NotFound
    use, currency = use_of(booking.public_id), booking.fee_currency
    is_held = booking.stands is State.HELD
    offered, pack = (concessions_of(booking), pack_for(booking, person_id)) if is_held else ([], None)
    return PriceShown(
        booking_id=booking.public_id,
        state=booking.state,
        cart_id=_cart_of(booking) if is_held else None,
        starts_at=booking.starts_at,
        held_until=booking.lapses_at if is_held else None,
        list_price=booking.list_price,
        concession=booking.concession,
        code_off=Money(use.off_amount, currency) if use is not None else None,
        by_gift=Money(booking.gift_amount, currency) if booking.gift_amount else None,
        to_pay=booking.by_card,
        way=_way(booking),
        late_fee=late_fee_of(booking),
        cancel_free_until=free_until(booking),
        concessions=[ConcessionShown(each.name, Money(each.fee_amount, currency), each.rule) for each in offered],
        due=_due(booking),
        charges=charges_of(_held_with(booking), now=now) if is_held and booking.series_id is not None else [],
        late_counts=booking.late_fee_percent > 0,
        pack_sessions_left=pack.count.left if pack is not None else 0,
    )


def _cart_of(booking: Booking) -> uuid.UUID | None:
    return db.session.scalars(select(Cart.public_id).where(Cart.id == booking.cart_id)).one() if booking.cart_id is not None else None


def _due(booking: Booking) -> Money | None:
    charge = charges_beside([booking]).get(booking.public_id)
    if charge is not None:
        return booking.by_card if charge.is_due else None
    if booking.stands is State.COMPLETED and is_by_clock(booking) and not is_paid(booking):
        return booking.by_card
    fee = fee_due(booking) if booking.stands in {State.CANCELLED, State.NO_SHOW} else None
    return fee_by_card(booking, fee) if fee is not None else None


def _held_with(booking: Booking) -> Sequence[Booking]:
    return db.session.scalars(
        select(Booking).where(Booking.series_id == booking.series_id, Booking.state == State.HELD.value).order_by(Booking.starts_at)
    ).all()


def _way(booking: Booking) -> str:
    if booking.is_paid_online:
        return "card"
    if booking.list_amount is not None and not booking.fee_amount and pays_by_pack([booking.public_id]):
        return "pack"
    if booking.gift_amount:
        return "gift"
    return "invoice" if booking.fee_amount and booking.collects == INVOICES else "nothing"
