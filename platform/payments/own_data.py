"""What a payer takes along: what they paid and got back, with the numbers of receipts, the cards they let us keep, packs and codes."""

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from accounts.own_data import Part, plain
from core.db import db
from core.money import Money
from payments.codes.models import CodeUse
from payments.gifts.models import GiftCode
from payments.models import Payment, SavedCard
from payments.packs.models import Pack
from payments.receipts.described import WORDS_FOR, payee_names
from payments.receipts.lines import receipts_named
from payments.receipts.number import receipt_number


def paid(person_id: int) -> Part:
    rows = db.session.scalars(
        select(Payment).where(Payment.payer_id == person_id, Payment.purpose != "cart").order_by(Payment.id).options(selectinload(Payment.refunds))
    ).all()
    names, named = payee_names({row.payee_id for row in rows if row.payee_id is not None}), receipts_named(rows)
    return [
        plain(
            row,
            "public_id",
            "state",
            "created_at",
            "settled_at",
            "end_reason",
            "disputed_at",
            what=WORDS_FOR[row.purpose],
            therapist=names.get(row.payee_id) if row.payee_id is not None else None,
            asked=row.asked,
            paid=Money(row.captured_amount, row.captured_currency or row.currency),
            receipt=receipt_number(named.get(row.id, row.public_id)) if row.captured_amount else None,
            returned=[plain(each, "amount", "state", "reason", "requested_at", "changed_at") for each in row.refunds],
        )
        for row in rows
    ]


def cards(person_id: int) -> Part:
    """Brand, last four figures and the words agreed to: nothing else of a card is here."""
    rows = db.session.scalars(select(SavedCard).where(SavedCard.payer_id == person_id).order_by(SavedCard.id)).all()
    names = payee_names({row.payee_id for row in rows})
    return [plain(row, "public_id", "brand", "last_four", "terms", "agreed_at", "revoked_at", therapist=names.get(row.payee_id)) for row in rows]


def packs(person_id: int) -> Part:
    rows = db.session.scalars(select(Pack).where(Pack.payer_id == person_id).order_by(Pack.id)).all()
    names, shown = payee_names({row.payee_id for row in rows}), ("public_id", "sessions", "reserved", "consumed", "state", "asked_at", "paid_at", "closed_at")
    return [plain(row, *shown, price=row.price, therapist=names.get(row.payee_id)) for row in rows]


def codes(person_id: int) -> Part:
    """Discounts that were used, not the codes: nobody keeps those in clear."""
    rows = db.session.scalars(select(CodeUse).where(CodeUse.person_id == person_id).order_by(CodeUse.id))
    return [plain(row, "used_at", "given_back_at", price=Money(row.price_amount, row.currency), off=Money(row.off_amount, row.currency)) for row in rows]


def gifts(person_id: int) -> Part:
    """Gift codes that they bought, without the codes; who used one is nobody's to read."""
    rows = db.session.scalars(select(GiftCode).where(GiftCode.buyer_id == person_id).order_by(GiftCode.id))
    shown = ("public_id", "state", "note", "asked_at", "paid_at", "expires_at", "returned_at")
    return [plain(row, *shown, value=Money(row.value_amount, row.value_currency)) for row in rows]
