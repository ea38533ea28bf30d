"""The receipt of one payment: for whoever paid it, and a copy with our fee on it for whoever was paid."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select

from core.db import db
from core.errors import Conflict, NotFound
from core.money import Money
from core.zones import local_date
from payments.models import Payment
from payments.receipts.lines import PaidLine, lines_of
from payments.receipts.number import receipt_number
from payments.receipts.paper import NO_TAX_STATED, NOT_A_SUPERBILL, OUR_ROLE, PAID_AHEAD, Paper, Table
from payments.receipts.seller import Seller


class NothingPaid(Conflict):
    code, detail = "nothing_paid", "Nothing was paid here, so there is no receipt."


def receipt_of(public_id: uuid.UUID, *, reader: int) -> Paper:
    """NotFound unless they paid it or were paid; NothingPaid."""
    wanted = select(Payment).where(Payment.public_id == public_id, or_(Payment.payer_id == reader, Payment.payee_id == reader))
    payment = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if payment is None:
        raise NotFound
    if not payment.captured_amount or payment.settled_at is None:
        raise NothingPaid
    line = lines_of([payment])[0]
    return _written(line, line.seller, payment.settled_at, is_copy=payment.payee_id == reader)


def seller_lines(seller: Seller) -> str:
    """As it stands on paper."""
    number = f"{seller.tax_name or 'Tax'} number {seller.tax_number}" if seller.tax_number else ""
    return "\n".join(each for each in (seller.name, seller.address, number) if each)


def tax_notes(seller: Seller, kept: Sequence[PaidLine]) -> list[str]:
    """What is said of tax."""
    notes = []
    if seller.tax_points is not None:
        rate = f"{seller.tax_points / 100:g} %"
        notes += [f"{seller.tax_name} of {rate} is in what was kept: {Money(seller.tax_in(line.kept.amount), line.kept.currency)}." for line in kept]
    if seller.tax_note:
        notes.append(seller.tax_note)
    return notes or [NO_TAX_STATED]


def day_of(line: PaidLine) -> str:
    """The day of the appointment where it takes place, else of the payment (UTC)."""
    if line.occasion is not None:
        return local_date(line.occasion.zone, int(line.occasion.at.timestamp())).isoformat()
    return line.payment.settled_at.date().isoformat() if line.payment.settled_at is not None else ""


def _written(line: PaidLine, seller: Seller, paid_at: datetime, *, is_copy: bool) -> Paper:
    number = receipt_number(line.payment.public_id)
    rows = [[day_of(line), line.what, str(line.paid)]]
    rows += [
        [back.at.date().isoformat(), "Given back to the card" if back.is_done else "On its way back to the card", f"- {back.amount}"] for back in line.back
    ]
    totals = [["", "Kept in all", str(line.kept)]]
    if is_copy:
        theirs = str(Money(line.kept.amount - line.ours.amount, line.kept.currency))
        totals += [["", "Of it our published fee, taken from you and not from your client", str(line.ours)], ["", "Yours", theirs]]
    paid_by = line.payer or "The client"
    facts = [("Number", number), ("Seller", seller_lines(seller)), ("Paid by", f"{paid_by}, by card, on {paid_at.date().isoformat()} (UTC)")]
    return Paper(
        title="Receipt, the seller's copy" if is_copy else "Receipt",
        facts=facts,
        table=Table(("Day", "What", "Amount"), rows, totals, 2),
        notes=[PAID_AHEAD] if line.payment.payee_id is None else [*tax_notes(seller, [line]), OUR_ROLE, NOT_A_SUPERBILL],
        file_name=f"receipt-{number}",
    )
