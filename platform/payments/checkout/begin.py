"""Write down that a checkout will be opened: the attempt, its key and everything the call will say, before the processor hears of it."""

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, or_, select

from core.db import db
from core.errors import Conflict
from payments.lifecycle import LIVE_ATTEMPT, PAYABLE, AttemptState
from payments.models import PayerCustomer, Payment, PaymentAttempt

# The processor wants 30 minutes at least; the minute is for the way there. https://docs.stripe.com/api/checkout/sessions/create
CHECKOUT_LIFE = timedelta(minutes=31)
LOOK_EVERY = timedelta(minutes=3)


class NotPayable(Conflict):
    code, detail = "not_payable", "This is paid already, or cannot be paid any more."


@dataclass(frozen=True, slots=True)
class Terms:
    """That the payer lets their card be kept for later charges of this payee, in the words of this version."""

    version: str


class PaidTogether(Conflict):
    code, detail = "paid_together", "The checkout of your cart is open, and this is in it. Pay it there, or give the whole cart back first."


def live_attempt(payment: Payment) -> PaymentAttempt | None:
    """What could be paid right now, alone or together with others in a cart; the caller holds the lock of the payment."""
    paid_by = [each for each in (payment.id, payment.collected_by_id) if each is not None]
    wanted = select(PaymentAttempt).where(PaymentAttempt.payment_id.in_(paid_by), PaymentAttempt.state.in_([state.value for state in LIVE_ATTEMPT]))
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def last_charge_at(payment: Payment) -> tuple[int, datetime | None]:
    """How often a kept card was charged for it, and when it was begun last."""
    charges = select(func.count(), func.max(PaymentAttempt.created_at)).where(PaymentAttempt.payment_id == payment.id, PaymentAttempt.kind == "charge")
    row = db.session.execute(charges).one()
    return row[0], row[1]


def is_paid_together(payment: Payment) -> bool:
    """Whether the checkout of the cart that it is in is open."""
    attempt = live_attempt(payment)
    return attempt is not None and attempt.payment_id != payment.id


def attempts_made(payment: Payment, *, opened: bool = False) -> int:
    """How many there have been, live or over; with `opened` only those that the processor had."""
    made = select(func.count()).select_from(PaymentAttempt).where(PaymentAttempt.payment_id == payment.id)
    if opened:
        made = made.where(or_(PaymentAttempt.session.is_not(None), PaymentAttempt.intent.is_not(None)))
    return db.session.execute(made).scalar_one()


def new_customer_key() -> str:
    """Under which a payer is made known to the processor."""
    return f"customer:{uuid.uuid4()}"


def begin_checkout(payment: Payment, *, now: datetime, saves_card: Terms | None = None) -> PaymentAttempt:
    """The live attempt of the payment, or a new one that runs out in 31 minutes. NotPayable, PaidTogether. The caller holds the lock of the payment.

    Nothing is sent from here: `open_calls.open_checkout` does, outside of any transaction.
    """
    if payment.stands not in PAYABLE:
        raise NotPayable
    known = live_attempt(payment)
    if known is not None and known.payment_id != payment.id:
        raise PaidTogether
    if known is not None:
        return known
    if db.session.get(PayerCustomer, payment.payer_id) is None:
        db.session.add(PayerCustomer(person_id=payment.payer_id, key=new_customer_key(), created_at=now))
    number = attempts_made(payment) + 1
    attempt = PaymentAttempt(
        payment_id=payment.id,
        number=number,
        kind="checkout",
        state=AttemptState.INTENDED.value,
        key=f"payment:{payment.public_id}:{payment.purpose}:{number}",
        created_at=now,
        expires_at=(now + CHECKOUT_LIFE).replace(microsecond=0),
        saves_card=saves_card is not None,
        terms=saves_card.version if saves_card else None,
        look_at=now + LOOK_EVERY,
        changed_at=now,
    )
    db.session.add(attempt)
    db.session.flush()
    return attempt
