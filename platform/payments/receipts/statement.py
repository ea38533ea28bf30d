"""An itemised statement of the payments of a time: for whoever paid them, and with our fees for whoever was paid."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Literal, TypeAlias

from sqlalchemy import select

from core.db import db
from core.errors import Invalid
from core.money import Money
from payments.models import Payment
from payments.receipts.lines import PaidLine, lines_of
from payments.receipts.number import receipt_number
from payments.receipts.paper import NOT_A_SUPERBILL, OUR_ROLE, Paper, Table
from payments.receipts.receipt import day_of, seller_lines, tax_notes
from payments.receipts.seller import Seller, seller_at

Side: TypeAlias = Literal["payer", "payee"]
SIDES: tuple[Side, ...] = ("payer", "payee")
LONGEST_DAYS = 366
MOST_LINES = 1000
OUR_FEE = "Our fee is published, taken from what was kept, and never added to what a client pays. No client is named here."


def statement_of(person_id: int, *, side: Side, since: date, until: date) -> Paper:
    """Everything that was paid on the days from `since` to `until` inclusive (UTC). Invalid for more than 366 days, or too many lines."""
    if not since <= until <= since + timedelta(days=LONGEST_DAYS - 1):
        raise Invalid(errors={"until": [f"Give a day from `since` on, at most {LONGEST_DAYS} days in all."]})
    begin, end = _midnight(since), _midnight(until) + timedelta(days=1)
    whose = Payment.payer_id if side == "payer" else Payment.payee_id
    wanted = (
        select(Payment)
        .where(whose == person_id, Payment.purpose != "cart", Payment.captured_amount > 0)
        .where(Payment.settled_at >= begin, Payment.settled_at < end)
    )
    payments = db.session.scalars(wanted.order_by(Payment.settled_at, Payment.id).limit(MOST_LINES + 1)).all()
    if len(payments) > MOST_LINES:
        raise Invalid(errors={"until": ["That is too much for one statement. Ask for a shorter time."]})
    lines = lines_of(payments)
    return (_of_payer if side == "payer" else _of_payee)(lines, person_id, since, until)


def _of_payer(lines: Sequence[PaidLine], _person_id: int, since: date, until: date) -> Paper:
    rows = [[day_of(line), _numbered(line), line.payee, str(line.paid), str(line.returned), str(line.kept)] for line in lines]
    totals = [["", f"In all, {currency}", "", *amounts] for currency, amounts in _sums(lines).items()]
    sellers = {line.payment.payee_id: line.seller for line in lines}
    taxes = [f"{seller.name}: {note}" for payee_id, seller in sellers.items() if payee_id is not None for note in tax_notes(seller, [])]
    facts = [("Time", _time(since, until)), ("Paid by", next((line.payer for line in lines if line.payer), "") or "The client")]
    facts += [("Seller", seller_lines(seller)) for seller in sellers.values()]
    return Paper(
        title="Itemised statement of payments",
        facts=facts,
        table=Table(("Day", "What, and its receipt", "Seller", "Paid", "Given back", "Kept"), rows, totals, 3, [line.receipt for line in lines]),
        notes=[*taxes, OUR_ROLE, NOT_A_SUPERBILL],
        file_name=f"payments-{since.isoformat()}-{until.isoformat()}",
    )


def _of_payee(lines: Sequence[PaidLine], person_id: int, since: date, until: date) -> Paper:
    rows = [[day_of(line), _numbered(line), str(line.paid), str(line.returned), str(line.ours), str(_theirs(line))] for line in lines]
    totals = [["", f"In all, {currency}", *amounts] for currency, amounts in _sums(lines, with_fees=True).items()]
    seller = seller_at(person_id, _midnight(until)) or Seller(next((line.payee for line in lines), ""))
    return Paper(
        title="Itemised statement of what you were paid",
        facts=[("Time", _time(since, until)), ("Seller", seller_lines(seller))],
        table=Table(("Day", "What, and its receipt", "Paid", "Given back", "Our fee", "Yours"), rows, totals, 2, [line.receipt for line in lines]),
        notes=[
            *tax_notes(seller, []),
            OUR_ROLE,
            OUR_FEE,
        ],
        file_name=f"paid-{since.isoformat()}-{until.isoformat()}",
    )


def _numbered(line: PaidLine) -> str:
    gift = f", and {Money(line.gift.amount, line.paid.currency)} with a gift code" if line.gift.amount else ""
    return f"{line.what} ({receipt_number(line.receipt)}){gift}"


def _theirs(line: PaidLine) -> Money:
    return Money(line.kept.amount - line.ours.amount, line.kept.currency)


def _sums(lines: Sequence[PaidLine], *, with_fees: bool = False) -> dict[str, list[str]]:
    """By currency, as the columns of amounts stand."""
    sums = {}
    for currency in sorted({line.paid.currency for line in lines}):
        mine = [line for line in lines if line.paid.currency == currency]
        last = [[line.ours.amount, _theirs(line).amount] if with_fees else [line.kept.amount] for line in mine]
        columns = zip(*[[line.paid.amount, line.returned.amount, *more] for line, more in zip(mine, last, strict=True)], strict=True)
        sums[currency] = [str(Money(sum(column), currency)) for column in columns]
    return sums


def _time(since: date, until: date) -> str:
    return f"{since.isoformat()} to {until.isoformat()}, both included, by the day of payment (UTC)"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
