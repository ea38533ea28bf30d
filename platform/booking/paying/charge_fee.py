"""The fee for cancelling late or not coming, where nothing was paid from which it could be kept: charged to the card of the series, a day later.

In that day its therapist may waive it, and its client may say that it was otherwise: nothing is charged while a complaint about it is open. What a report says
of somebody who did not come is final before it is owed (`booking.after.outcome`). A card that is declined is tried once more three days later. Then a person
decides, as they do where no card came within a week. The timers stand in `charge_jobs`.
"""

from datetime import datetime, timedelta

from sqlalchemy import select

from booking.advance import lock_booking
from booking.models import Booking, LateFee
from booking.paying.charge_letters import tell_fee_failed
from booking.paying.due import payer_of
from booking.paying.pay_due import ask_for_fee, fee_by_card, fee_due
from core.db import db
from desk.cases import open_case_about
from payments.ask import AmountNotChargeable, payments_of
from payments.attention import need_person, needed_person
from payments.cards.charge import BeingPaid, NoCard, begin_charge
from payments.cards.keep import card_in_force
from payments.checkout.begin import last_charge_at, live_attempt
from payments.collection.choose import PayeeNotReady
from payments.give_up import give_up
from payments.models import Payment
from payments.news import GiveBack, Kept, PaymentNews, Verdict
from payments.payouts.earn import earn

COMPLAINT = "complaint"
MOST_TRIES, AGAIN_AFTER = 2, timedelta(days=3)
# Without a card its client has this long to pay by the link.
WAITS_FOR_CARD = timedelta(days=7)


def is_contested(fee_id: int) -> bool:
    """Whether a complaint about its appointment is open."""
    about = select(Booking.public_id).join(LateFee, LateFee.booking_id == Booking.id).where(LateFee.id == fee_id)
    return open_case_about(COMPLAINT, ("booking", str(db.session.execute(about).scalar_one()))) is not None


def begin_fee_charge(fee_id: int, *, now: datetime) -> int | None:
    """The attempt to charge it, to be sent now; None where nothing is due any more, or no card is kept: then its client reads so, with a link."""
    booking = lock_booking(db.session.execute(select(LateFee.booking_id).where(LateFee.id == fee_id)).scalar_one())
    fee = fee_due(booking)
    if fee is None or fee.id != fee_id:
        return None
    payer_id = payer_of(booking)
    try:
        if card_in_force(payer_id, booking.therapist_id) is None:
            raise NoCard
        payment = ask_for_fee(booking, fee, payer_id, now=now)
        tries, last = last_charge_at(payment)
        if tries >= MOST_TRIES or (last is not None and now - last < AGAIN_AFTER):
            return live_charge(payment)
        return begin_charge(payment, now=now).id
    except NoCard:
        tell_fee_failed(booking, fee_by_card(booking, fee), now=now)
        if now - fee.at >= WAITS_FOR_CARD:
            _need_person(booking, fee, payer_id, now=now)
    except PayeeNotReady:
        need_person("payee_not_ready", ("booking", booking.public_id), person_id=booking.therapist_id, now=now)
    except (BeingPaid, AmountNotChargeable):
        return None  # its client is at a checkout of it, or it is too little to be charged
    return None


def hear_of_fee(news: PaymentNews, now: datetime) -> Verdict:
    """It was paid: it is the therapist's, unless it was waived meanwhile. It could not be charged: its client reads so, with a link."""
    found = db.session.execute(select(Booking.id).where(Booking.public_id == news.reference)).scalar_one_or_none()
    if found is None:
        return GiveBack("waived")
    booking = lock_booking(found)
    fee = db.session.scalars(select(LateFee).where(LateFee.booking_id == booking.id, LateFee.person_id.is_(None))).one_or_none()
    if fee is None or fee.waived_at is not None:
        give_up(booking.public_id, news.purpose, reason="waived", now=now)
        return GiveBack("waived")
    if news.paid is None:
        tell_fee_failed(booking, fee_by_card(booking, fee), now=now)
        asked = payments_of([booking.public_id], news.purpose).values()
        if any(last_charge_at(payment)[0] >= MOST_TRIES for payment in asked):
            _need_person(booking, fee, news.payer_id, now=now)
    else:
        earn(booking.public_id, news.purpose, took_place_at=booking.ends_at, now=now)
    return Kept()


def live_charge(payment: Payment) -> int | None:
    """The charge of it that is on its way, to be sent again."""
    attempt = live_attempt(payment)
    return attempt.id if attempt is not None and attempt.kind == "charge" else None


def _need_person(booking: Booking, fee: LateFee, payer_id: int, *, now: datetime) -> None:
    """What is owed and was not paid: asked for once more by somebody, waived by its therapist, or let go."""
    about = ("booking", booking.public_id)
    if needed_person("fee_unpaid", about):
        return
    need_person("fee_unpaid", about, person_id=payer_id, now=now, amount=fee_by_card(booking, fee).amount, currency=fee.currency, reason=fee.reason)
