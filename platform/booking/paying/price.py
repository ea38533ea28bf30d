"""What one hold costs its client: the price on the list, a lower fee that they say they need, a code, or a session of a pack that they have paid already. And
what a gift code pays of it, which changes no price.

Computed here alone: nothing that is sent is a price. It is chosen while the opening is held and nobody is paying, and stays the booking's from then on. What
was taken for it (a use of a code, a session of a pack, a part of a gift code) is given back when the hold comes to nothing, see `give_back`.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.throttle import count_attempt
from booking.advance import booking_under_lock, participant_of
from booking.hold import MINUTE, require_live
from booking.lifecycle import State
from booking.models import ONLINE, Booking, BookingParticipant
from booking.paying.due import PURPOSE, NotPaidHere, PaidMeanwhile
from booking.paying.give_back import give_back_taken
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from payments.ask import asked_for
from payments.checkout.begin import live_attempt
from payments.codes.terms import Occasion
from payments.codes.use import use_code
from payments.gifts.redeem import reserve_gift
from payments.give_up import GivenUp, give_up
from payments.packs.models import Pack
from payments.packs.take import reserve_session, usable_pack
from therapists.models import Concession, Service

# Guesses at codes, whoever makes them.
MOST_CODES, CODE_WINDOW = 20, timedelta(hours=1)
# A booking that shows that a client was here before.
CAME_BEFORE = (State.REQUESTED, State.CONFIRMED, State.COMPLETED, State.NO_SHOW)


class CheckoutOpen(Conflict):
    code, detail = "checkout_open", "Your checkout is open at the price that it shows. Give the hold back and hold the time anew to pay another price."


class NoPack(Conflict):
    code, detail = "no_pack", "You have no pack with a session left for this appointment."


class NoSuchConcession(Invalid):
    code, detail = "no_such_concession", "There is no lower fee of this name for this appointment."


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a client asks for: a lower fee by its name, a code, and a gift code that pays; or a session of a pack."""

    concession: str | None = None
    code: str | None = None
    by_pack: bool = False
    gift: str | None = None


def choose_price(public_id: uuid.UUID, chosen: Chosen, *, by: int, now: datetime) -> Booking:
    """Let exactly what is chosen count for this hold, and nothing that was chosen before.

    Refusals: NotFound unless they attend it, HoldExpired, BookingEnded, StepNotPossible, CheckoutOpen, PaidMeanwhile, NoSuchConcession, NotPaidHere,
    CodeDoesNotHold, GiftDoesNotHold, TooMany after too many codes, NoPack, PackEmpty.
    """
    if chosen.by_pack and (chosen.concession, chosen.code, chosen.gift) != (None, None, None):
        raise Invalid(errors={"by_pack": ["A session of a pack is paid already: no lower fee, code or gift code counts for it."]})
    booking = booking_under_lock(public_id, person_id=by)
    if participant_of(booking, by) is None:
        raise NotFound
    require_live(booking, now=now)
    for _ in filter(None, (chosen.code, chosen.gift)):
        count_attempt(f"discount_code:{by}", limit=MOST_CODES, window=CODE_WINDOW, now=now)
    _require_not_at_checkout(booking, now=now)
    give_back_taken(booking, now=now)
    listed = booking.list_price
    if chosen.by_pack:
        _take_from_pack(booking, by=by, now=now)
    amount = 0 if chosen.by_pack else listed.amount if chosen.concession is None else _concession(booking, chosen.concession)
    if chosen.code is not None:
        amount = _with_code(booking, chosen.code, Money(amount, listed.currency), by=by, now=now)
    booking.list_amount = listed.amount if amount != listed.amount else None
    booking.fee_amount, booking.concession, booking.changed_at = amount, chosen.concession, now
    booking.gift_amount = _by_gift(booking, chosen.gift, Money(amount, listed.currency), now=now) if chosen.gift is not None else 0
    db.session.flush()
    audit.record("booking.price_chosen", subject=("booking", booking.id), actor=by, amount=amount, currency=listed.currency)
    return booking


def concessions_of(booking: Booking) -> Sequence[Concession]:
    """The lower fees that a client may ask for; none for another length than the service's usual one, whose fee they are lower than."""
    if _of_usual_length(booking) is None:
        return []
    wanted = select(Concession).where(Concession.service_id == booking.service_id).order_by(Concession.fee_amount)
    return [each for each in db.session.scalars(wanted) if each.fee_amount < booking.list_price.amount]


def pack_for(booking: Booking, client_id: int) -> Pack | None:
    """A pack of this client with a session left that could pay for this; packs are of the service's usual length."""
    service = _of_usual_length(booking)
    return usable_pack(service, payer_id=client_id) if service is not None and booking.list_price.amount else None


def is_first(booking: Booking, client_id: int) -> bool:
    """Whether this client has booked no other session with this therapist."""
    theirs = Booking.participants.any(BookingParticipant.person_id == client_id)
    earlier = select(Booking.id).where(Booking.therapist_id == booking.therapist_id, Booking.id != booking.id, Booking.kind == "session", theirs)
    return db.session.scalars(earlier.where(Booking.state.in_([state.value for state in CAME_BEFORE])).limit(1)).first() is None


def _require_not_at_checkout(booking: Booking, *, now: datetime) -> None:
    """A payment that was asked for and can be paid nowhere ends; the next checkout asks for another amount. The checkout of a series shows all its prices."""
    together = [booking.public_id]
    if booking.series_id is not None:
        together = list(db.session.scalars(select(Booking.public_id).where(Booking.series_id == booking.series_id)))
    if any(live_attempt(payment) is not None for reference in together for payment in asked_for(reference, PURPOSE)):
        raise CheckoutOpen
    if give_up(booking.public_id, PURPOSE, reason="price_changed", now=now) is GivenUp.PAID:
        raise PaidMeanwhile


def _of_usual_length(booking: Booking) -> uuid.UUID | None:
    minutes = (booking.ends_at - booking.starts_at) // MINUTE
    return db.session.scalars(select(Service.public_id).where(Service.id == booking.service_id, Service.minutes == minutes)).one_or_none()


def _take_from_pack(booking: Booking, *, by: int, now: datetime) -> None:
    pack = pack_for(booking, by)
    if pack is None:
        raise NoPack
    reserve_session(pack.id, booking.public_id, now=now)


def _concession(booking: Booking, name: str) -> int:
    found = next((each for each in concessions_of(booking) if each.name == name), None)
    if found is None:
        raise NoSuchConcession(errors={"concession": ["Choose one of the lower fees."]})
    return found.fee_amount


def _by_gift(booking: Booking, gift: str, price: Money, *, now: datetime) -> int:
    """A gift code pays what is paid here, and nothing where nothing is to pay."""
    if booking.collects != ONLINE:
        raise NotPaidHere
    return reserve_gift(gift, price, reference=booking.public_id, now=now).amount if price.amount else 0


def _with_code(booking: Booking, code: str, price: Money, *, by: int, now: datetime) -> int:
    """A code is used for what is paid here: a therapist who sends invoices decides alone what stands in them."""
    if booking.collects != ONLINE:
        raise NotPaidHere
    occasion = Occasion(price, payer_id=by, payee_id=booking.therapist_id, is_first=is_first(booking, by))
    return use_code(code, occasion, reference=booking.public_id, now=now).to_pay.amount
