"""Asking for a gift code, what becomes of it when it is paid, a new code for a lost one, and giving back an unused one."""

import hashlib
import secrets
import unicodedata
import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.people import recipient_of
from accounts.throttle import count_attempt
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from core.money import Money
from notices.outbox import send
from payments.ask import ask_for
from payments.checkout.begin import NotPayable, begin_checkout
from payments.codes.issue import ALPHABET
from payments.gifts.models import GiftCode
from payments.gifts.terms import CURRENCIES, bounds, is_possible, terms_on
from payments.models import Payment
from payments.refunds.request import give_back

PURPOSE = "gift"
# 31 to the 16th is above 79 bits: this is money for whoever has it.
LENGTH, GROUP = 16, 4
MOST_RENEWED, RENEWED_IN = 5, timedelta(hours=1)


class GiftUsed(Conflict):
    code, detail = "gift_used", "This code has been used already, so it cannot be taken back or replaced."


class ReturnTooLate(Conflict):
    code, detail = "return_too_late", "An unused code goes back to your card within 14 days after it was paid. That time is over; the code itself still holds."


def ask_for_gift(value: Money, *, buyer_id: int, note: str | None, now: datetime) -> GiftCode:
    """Write down who wants a code of what value; it is paid next. Invalid for a value that no code is of."""
    if not is_possible(value.amount, value.currency):
        raise Invalid(errors={"value": [_possible(value.currency)]})
    gift = GiftCode(
        public_id=uuid.uuid4(),
        buyer_id=buyer_id,
        value_amount=value.amount,
        value_currency=value.currency,
        state="asked",
        taken_amount=0,
        asked_at=now,
    )
    gift.note = note
    db.session.add(gift)
    db.session.flush()
    audit.record("payments.gift_asked", subject=("gift_code", gift.id), actor=buyer_id, amount=value.amount, currency=value.currency)
    return gift


def begin_buying(public_id: uuid.UUID, *, by: int, now: datetime) -> tuple[int, Payment]:
    """Begin, or go on with, the one payment of a code: the attempt to open next. NotFound unless they asked for it, NotPayable once it is paid."""
    gift = _locked(public_id, buyer_id=by)
    if gift.state != "asked":
        raise NotPayable
    payment = ask_for(gift.value, reference=gift.public_id, purpose=PURPOSE, payer_id=by, payee_id=None, now=now)
    return begin_checkout(payment, now=now).id, payment


def gift_paid(reference: uuid.UUID, *, now: datetime) -> GiftCode | None:
    """Its payment settled: the code is made, and mailed to whoever bought it. None for one that is unknown or was given back, whose money goes back."""
    found = select(GiftCode).where(GiftCode.public_id == reference)
    gift = db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if gift is None or gift.state == "returned":
        return None
    if gift.state == "asked":
        terms = terms_on(now.date())
        gift.state, gift.paid_at, gift.terms = "paid", now, terms.version
        gift.expires_at, gift.return_until = terms.expires_at(now), terms.return_until(now)
        audit.record("payments.gift_bought", subject=("gift_code", gift.id))
        _make_code(gift, now=now)
    return gift


def renew_code(public_id: uuid.UUID, *, by: int, now: datetime) -> GiftCode:
    """Another code for one that was lost: the first holds no more, the new one is mailed to whoever bought it. NotFound, GiftUsed, TooMany."""
    count_attempt(f"gift_renewed:{by}", limit=MOST_RENEWED, window=RENEWED_IN, now=now)
    gift = _locked(public_id, buyer_id=by)
    if gift.state != "paid":
        raise NotFound
    if gift.taken_amount:
        raise GiftUsed
    audit.record("payments.gift_renewed", subject=("gift_code", gift.id), actor=by)
    _make_code(gift, now=now)
    return gift


def return_gift(public_id: uuid.UUID, *, by: int, now: datetime) -> GiftCode:
    """All of an unused code goes back to the card that paid it, and it holds no more. NotFound, GiftUsed, ReturnTooLate."""
    gift = _locked(public_id, buyer_id=by)
    if gift.state != "paid" or gift.return_until is None:
        raise NotFound
    if now >= gift.return_until:
        raise ReturnTooLate
    if gift.taken_amount:
        raise GiftUsed
    gift.state, gift.returned_at = "returned", now
    db.session.flush()
    audit.record("payments.gift_returned", subject=("gift_code", gift.id), actor=by)
    payment = paid_for(gift)
    give_back(payment, payment.refundable, reason="gift_returned", by=by, now=now)
    return gift


def paid_for(gift: GiftCode) -> Payment:
    """What was paid for it, locked after the lock of the code."""
    paid = select(Payment).where(Payment.reference == gift.public_id, Payment.purpose == PURPOSE, Payment.captured_amount > 0)
    return db.session.execute(paid.with_for_update().execution_options(populate_existing=True)).scalar_one()


def digest_of(written: str) -> bytes:
    """Of a code as somebody types it: case, blanks, hyphens and full-width letters do not matter."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", written).upper() if letter.isalnum())
    return hashlib.sha256(b"gift code:" + letters.encode()).digest()


def _make_code(gift: GiftCode, *, now: datetime) -> None:
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    gift.digest, gift.hint = digest_of(letters), letters[-4:]
    db.session.flush()
    recipient = recipient_of(gift.buyer_id)
    if recipient is not None:
        written = "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))
        facts = {"code": written, "value": str(gift.value), "note": gift.note, "expires_at": gift.expires_at, "return_until": gift.return_until}
        once = f"gift_code:{gift.id}:{gift.digest.hex()[:16]}"
        send(recipient, kind="payment_gift_code", template="payments/gift_code", facts=facts, once=once, now=now, person_id=gift.buyer_id)


def _locked(public_id: uuid.UUID, *, buyer_id: int) -> GiftCode:
    wanted = select(GiftCode).where(GiftCode.public_id == public_id, GiftCode.buyer_id == buyer_id)
    gift = db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if gift is None:
        raise NotFound
    return gift


def _possible(currency: str) -> str:
    if currency not in CURRENCIES:
        return f"In one of {', '.join(CURRENCIES)}."
    least, most = bounds(currency)
    return f"From {Money(least, currency)} to {Money(most, currency)}."
