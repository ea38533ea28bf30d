"""The books over a time, for one payee or for the operator: what was brought forward, each movement, what is carried forward. And as a file."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select

from core.csv_file import csv_file
from core.db import db
from core.errors import Invalid
from core.http import as_text
from core.money import Money
from payments.ledger.models import LedgerMovement
from payments.ledger.post import booked_balances

LONGEST = timedelta(days=366)
MOST_LINES = 50_000
OF_PAYEE = ("at", "kind", "reference", "in", "out", "currency")
OF_BOOKS = ("at", "kind", "reference", "debit", "credit", "amount", "currency")


@dataclass(frozen=True, slots=True)
class Line:
    """`amount` minor units added to what the payee is owed, or taken from it when negative. `at` is None for a balance."""

    at: datetime | None
    kind: str
    reference: str
    amount: int
    currency: str


def owed_to(person_id: int) -> list[Money]:
    """What we owe a payee now, by currency; what they owe us is not in it."""
    return [
        Money(-amount, currency) for ((account, _), currency), amount in sorted(booked_balances(person_id).items()) if account == "therapist" and amount < 0
    ]


def statement_of(person_id: int, *, since: datetime, until: datetime) -> list[Line]:
    """A payee's lines in [since, until): for each currency its balance before, its movements in order, and its balance after. Invalid for too much at once."""
    _bounded(since, until)
    balance = _owed_before(person_id, since)
    before = [Line(None, "brought_forward", "", amount, currency) for currency, amount in sorted(balance.items())]
    lines = []
    for row in _movements(since, until, _of(person_id)):
        amount = row.amount if row.credit == "therapist" and row.credit_person_id == person_id else -row.amount
        balance[row.currency] += amount
        lines.append(Line(row.at, row.kind, str(row.reference or ""), amount, row.currency))
    after = [Line(None, "carried_forward", "", amount, currency) for currency, amount in sorted(balance.items())]
    return before + lines + after


def statement_file(lines: Sequence[Line]) -> bytes:
    """CSV with amounts in the currency's unit, never negative: what came in and what went out have a column each."""
    return csv_file(OF_PAYEE, [_cells(line) for line in lines])


def books_file(*, since: datetime, until: datetime) -> bytes:
    """Every movement of the books in [since, until) as CSV; whose a personal account is stays out of it. Invalid for too much at once."""
    _bounded(since, until)
    rows = _movements(since, until)
    return csv_file(
        OF_BOOKS,
        [[as_text(row.at), row.kind, str(row.reference or ""), row.debit, row.credit, _units(row.amount, row.currency), row.currency] for row in rows],
    )


def _of(person_id: int) -> ColumnElement[bool]:
    debited = (LedgerMovement.debit == "therapist") & (LedgerMovement.debit_person_id == person_id)
    credited = (LedgerMovement.credit == "therapist") & (LedgerMovement.credit_person_id == person_id)
    return or_(debited, credited)


def _owed_before(person_id: int, since: datetime) -> dict[str, int]:
    is_theirs = (LedgerMovement.credit == "therapist") & (LedgerMovement.credit_person_id == person_id)
    signed = func.sum(LedgerMovement.amount).filter(is_theirs), func.sum(LedgerMovement.amount).filter(~is_theirs)
    wanted = select(LedgerMovement.currency, *signed).where(_of(person_id), LedgerMovement.at < since).group_by(LedgerMovement.currency)
    return defaultdict(int, {row[0]: int(row[1] or 0) - int(row[2] or 0) for row in db.session.execute(wanted)})


def _movements(since: datetime, until: datetime, *only: ColumnElement[bool]) -> Sequence[LedgerMovement]:
    wanted = select(LedgerMovement).where(*only, LedgerMovement.at >= since, LedgerMovement.at < until)
    rows = db.session.scalars(wanted.order_by(LedgerMovement.at, LedgerMovement.id).limit(MOST_LINES + 1)).all()
    if len(rows) > MOST_LINES:
        raise Invalid(errors={"until": ["That is too much for one file. Ask for a shorter time."]})
    return rows


def _bounded(since: datetime, until: datetime) -> None:
    if not since < until <= since + LONGEST:
        raise Invalid(errors={"until": ["Give a time after `since`, at most 366 days later."]})


def _cells(line: Line) -> list[str]:
    came, went = (line.amount, 0) if line.amount >= 0 else (0, -line.amount)
    return [as_text(line.at) if line.at else "", line.kind, line.reference, _units(came, line.currency), _units(went, line.currency), line.currency]


def _units(amount: int, currency: str) -> str:
    return str(Money(amount, currency)).partition(" ")[2]
