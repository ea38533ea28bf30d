"""How each kind of object is read when an event names it. A kind that nobody here reads is set aside, never refused: the answer to an event is always 200."""

import uuid
from collections.abc import Callable
from contextlib import suppress

from sqlalchemy import or_, select

from core.clock import now as now_of_transaction
from core.db import db, transaction
from payments import processor
from payments.checkout.apply import note_stray
from payments.checkout.look_calls import look_at_attempt
from payments.collection.account_calls import read_account
from payments.models import Payment, PaymentAttempt
from payments.refunds.apply import OfNoPayment, PaymentUnknown, apply_dispute, apply_refund
from payments.refunds.send_calls import recognise_refunds

Reader = Callable[[str], None]


class NotOurs(Exception):
    """Nothing that we asked the processor to tell us of, or nothing of ours. `why` is a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def read_session(session: str) -> None:
    """A hosted page was paid, or ran out. PaymentUnknown, NoSuchObject, ProcessorUnavailable, as all readers."""
    attempt = _attempt_named(PaymentAttempt.session == session)
    look_at_attempt(attempt if attempt is not None else _attempt_of(processor.retrieve_checkout_session(session).reference))


def read_intent(intent: str) -> None:
    """Something happened to a payment: it was begun, declined, captured, or part of it went back."""
    attempt = _attempt_named(PaymentAttempt.intent == intent)
    if attempt is not None:
        look_at_attempt(attempt)
    else:
        told = processor.retrieve_payment_intent(intent)
        attempt = _attempt_of(told.reference)
        look_at_attempt(attempt)
        with transaction():
            note_stray(attempt, told, now=now_of_transaction())
    recognise_refunds(intent)


def read_refund(refund: str) -> None:
    """A refund was made, here or by hand, or went on."""
    told = processor.retrieve_refund(refund)
    with suppress(OfNoPayment), transaction():
        apply_refund(told, now=now_of_transaction())


def read_dispute(dispute: str) -> None:
    """A payer's bank takes money back, or has decided."""
    told = processor.retrieve_dispute(dispute)
    with transaction():
        apply_dispute(told, now=now_of_transaction())


# By the `object` of what an event is about.
READERS: dict[str, Reader] = {
    "checkout.session": read_session,
    "payment_intent": read_intent,
    "refund": read_refund,
    "dispute": read_dispute,
    "account": read_account,
}


def _attempt_named(name: object) -> int | None:
    with transaction():
        return db.session.scalars(select(PaymentAttempt.id).where(name)).one_or_none()  # type: ignore[arg-type]


def _attempt_of(reference: str | None) -> int:
    """The attempt that an object with our reference belongs to: the live one, else the latest."""
    with transaction():
        wanted = select(PaymentAttempt.id).join(Payment).where(Payment.public_id == _public_id(reference))
        live = or_(PaymentAttempt.state == "intended", PaymentAttempt.state == "open")
        found = db.session.scalars(wanted.order_by(live.desc(), PaymentAttempt.id.desc()).limit(1)).one_or_none()
    if found is None:
        raise PaymentUnknown
    return found


def _public_id(reference: str | None) -> uuid.UUID:
    try:
        return uuid.UUID(reference or "")
    except ValueError:
        raise PaymentUnknown from None
