"""The receipt of one payment: for whoever paid it, and a copy with our fee on it for whoever was paid."""

import uuid
from collections.abc import Sequence

from sqlalchemy import or_, select

from core.db import db
from core.errors import Conflict, NotFound
from core.money import Money
from core.zones import local_date
from payments.models import Payment
from payments.receipts.lines import PaidLine, bought_together, lines_of
from payments.receipts.number import receipt_number
from payments.receipts.paper import NO_TAX_STATED, NOT_A_SUPERBILL, OUR_ROLE, PAID_AHEAD, Paper, Table
from payments.receipts.seller import Seller


class NothingPaid(Conflict):
    code, detail = "nothing_paid", "Nothing was paid here, so there is no receipt."


class OneForEachSeller(Conflict):
    code, detail = "one_for_each_seller", "This was paid to several sellers, and each has a receipt of their own. Ask for those of its parts."


def receipt_of(public_id: uuid.UUID, *, reader: int) -> Paper:
    """With whatever they bought from the same seller at one checkout. NotFound unless they paid it or were paid; NothingPaid, OneForEachSeller."""
    wanted = select(Payment).where(Payment.public_id == public_id, or_(Payment.payer_id == reader, Payment.payee_id == reader))
    payment = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if payment is None:
        raise NotFound
    if not payment.captured_amount or payment.settled_at is None:
        raise NothingPaid
    if payment.purpose == "cart":
        raise OneForEachSeller
    return _written(lines_of(bought_together(payment)), is_copy=payment.payee_id == reader)


def seller_lines(seller: Seller) -> str:
    """As it stands on paper."""
    number = f"{seller.tax_name or 'Tax'} number {seller.tax_number}" if seller.tax_number else ""
    return "\n".join(each for each in (seller.name, seller.address, number) if each)


def tax_notes(seller: Seller, kept: Sequence[PaidLine]) -> list[str]:
    """What is said of tax."""
    notes = []
    if seller.tax_points is not None and kept:
        rate, all_kept = f"{seller.tax_points / 100:g} %", sum(line.kept.amount for line in kept)
        notes.append(f"{seller.tax_name} of {rate} is in what was kept: {Money(seller.tax_in(all_kept), kept[0].kept.currency)}.")
    if seller.tax_note:
        notes.append(seller.tax_note)
    return notes or [NO_TAX_STATED]


def day_of(line: PaidLine) -> str:
    """The day of the appointment where it takes place, else of the payment (UTC)."""
    if line.occasion is not None:
        return local_date(line.occasion.zone, int(line.occasion.at.timestamp())).isoformat()
    return line.payment.settled_at.date().isoformat() if line.payment.settled_at is not None else ""


def _written(lines: Sequence[PaidLine], *, is_copy: bool) -> Paper:
    first = lines[0]
    number, seller, currency = receipt_number(first.receipt), first.seller, first.kept.currency
    rows = [row for line in lines for row in _rows(line)]
    kept, ours = sum(line.kept.amount for line in lines), sum(line.ours.amount for line in lines)
    totals = [["", "Kept in all", str(Money(kept, currency))]]
    if is_copy:
        totals += [
            ["", "Of it our published fee, taken from you and not from your client", str(Money(ours, currency))],
            ["", "Yours", str(Money(kept - ours, currency))],
        ]
    paid_at = first.payment.settled_at
    assert paid_at is not None
    paid_by = f"{first.payer or 'The client'}, by card, on {paid_at.date().isoformat()} (UTC)"
    return Paper(
        title="Receipt, the seller's copy" if is_copy else "Receipt",
        facts=[("Number", number), ("Seller", seller_lines(seller)), ("Paid by", paid_by)],
        table=Table(("Day", "What", "Amount"), rows, totals, 2),
        notes=[PAID_AHEAD] if first.payment.payee_id is None else [*tax_notes(seller, lines), OUR_ROLE, NOT_A_SUPERBILL],
        file_name=f"receipt-{number}",
    )


def _rows(line: PaidLine) -> list[list[str]]:
    words = {True: "Given back to the card", False: "On its way back to the card"}
    back = [[each.at.date().isoformat(), words[each.is_done], f"- {each.amount}"] for each in line.back]
    return [[day_of(line), line.what, str(line.paid)], *back]
