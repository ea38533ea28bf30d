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
from payments.receipts.paper import GIFT_PART, NO_TAX_STATED, NOT_A_SUPERBILL, OUR_ROLE, PAID_AHEAD, Paper, Table
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
        rate, all_kept = f"{seller.tax_points / 100:g} %", sum(line.kept.amount + line.gift.amount for line in kept)
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
    gift = sum(line.gift.amount for line in lines)
    totals = [["", "Kept in all", str(Money(sum(line.kept.amount for line in lines) + gift, currency))]]
    totals += [["", "Of it with a gift code", str(Money(gift, currency))]] if gift else []
    totals += _shares(lines, currency) if is_copy else []
    paid_at = first.payment.settled_at
    assert paid_at is not None
    how = "by card and with a gift code" if gift else "by card"
    paid_by = f"{first.payer or 'The client'}, {how}, on {paid_at.date().isoformat()} (UTC)"
    return Paper(
        title="Receipt, the seller's copy" if is_copy else "Receipt",
        facts=[("Number", number), ("Seller", seller_lines(seller)), ("Paid by", paid_by)],
        table=Table(("Day", "What", "Amount"), rows, totals, 2),
        notes=[PAID_AHEAD] if first.payment.payee_id is None else [*tax_notes(seller, lines), *([GIFT_PART] if gift else []), OUR_ROLE, NOT_A_SUPERBILL],
        file_name=f"receipt-{number}",
    )


def _shares(lines: Sequence[PaidLine], currency: str) -> list[list[str]]:
    """What of it is ours and what the seller's: of what a gift code pays, once that is the seller's."""
    waits = sum(line.gift.amount for line in lines if not line.gift.is_sellers)
    kept = sum(line.kept.amount + line.gift.amount for line in lines) - waits
    ours = sum(line.ours.amount + max(line.gift.ours, 0) for line in lines)
    later = [["", "Of it shared between you and us once the appointment took place", str(Money(waits, currency))]] if waits else []
    return [
        *later,
        ["", "Of it our published fee, taken from you and not from your client", str(Money(ours, currency))],
        ["", "Yours", str(Money(kept - ours, currency))],
    ]


def _rows(line: PaidLine) -> list[list[str]]:
    words = {True: "Given back to the card", False: "On its way back to the card"}
    back = [[each.at.date().isoformat(), words[each.is_done], f"- {each.amount}"] for each in line.back]
    by_gift = [[day_of(line), f"{line.what}, with a gift code", str(Money(line.gift.amount, line.paid.currency))]] if line.gift.amount else []
    return [[day_of(line), line.what, str(line.paid)], *back, *by_gift]
