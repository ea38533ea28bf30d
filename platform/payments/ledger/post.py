"""Writing into the books, once for each fact, in the transaction in which the fact is written."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import case, func, select, union_all
from sqlalchemy.dialects.postgresql import insert

from core.db import db
from payments.ledger.accounts import ACCOUNTS, Account, Movement, Side
from payments.ledger.models import LedgerMovement


def post(movements: Sequence[Movement], *, once: str, now: datetime, reference: uuid.UUID | None = None, by: int | None = None) -> int:
    """Book these movements for the fact named `once` (kind, id, and which time); how many were new. Booking the same fact again changes nothing."""
    if not movements:
        return 0
    rows = [
        {
            "once": f"{once}:{place}",
            "at": now,
            "kind": each.kind,
            "reference": reference,
            "debit": each.debit[0],
            "debit_person_id": each.debit[1],
            "credit": each.credit[0],
            "credit_person_id": each.credit[1],
            "amount": each.amount,
            "currency": each.currency,
            "by_person_id": by,
        }
        for place, each in enumerate(movements)
    ]
    booked = insert(LedgerMovement).values(rows).on_conflict_do_nothing(index_elements=["once"]).returning(LedgerMovement.id)
    return len(db.session.execute(booked).all())


def booked_balances(person_id: int | None = None) -> dict[tuple[Side, str], int]:
    """Debits less credits of every account and currency, or of one person's accounts; what is even is left out. One query."""
    debited = select(LedgerMovement.debit.label("account"), LedgerMovement.debit_person_id.label("person_id"), LedgerMovement.currency, LedgerMovement.amount)
    credited = select(LedgerMovement.credit, LedgerMovement.credit_person_id, LedgerMovement.currency, -LedgerMovement.amount)
    if person_id is not None:
        debited = debited.where(LedgerMovement.debit_person_id == person_id)
        credited = credited.where(LedgerMovement.credit_person_id == person_id)
    sides = union_all(debited, credited).subquery()
    total = func.sum(sides.c.amount)
    wanted = select(sides.c.account, sides.c.person_id, sides.c.currency, total).group_by(sides.c.account, sides.c.person_id, sides.c.currency)
    return {((row[0], row[1]), row[2]): int(row[3]) for row in db.session.execute(wanted.having(total != 0))}


def booked_totals() -> list[tuple[Account, str, int]]:
    """Account, currency, debits less credits of all its owners together; in the accounts' order. One query."""
    debited = select(LedgerMovement.debit.label("account"), LedgerMovement.currency, LedgerMovement.amount)
    credited = select(LedgerMovement.credit, LedgerMovement.currency, -LedgerMovement.amount)
    sides = union_all(debited, credited).subquery()
    total = func.sum(sides.c.amount)
    rows = db.session.execute(select(sides.c.account, sides.c.currency, total).group_by(sides.c.account, sides.c.currency).having(total != 0))
    return sorted(((row[0], row[1], int(row[2])) for row in rows), key=lambda each: (ACCOUNTS.index(each[0]), each[1]))


def balance_of(account: Account, currency: str, *, person_id: int | None = None) -> int:
    """Debits less credits of one account."""
    is_debit = (LedgerMovement.debit == account) & LedgerMovement.debit_person_id.is_not_distinct_from(person_id)
    is_credit = (LedgerMovement.credit == account) & LedgerMovement.credit_person_id.is_not_distinct_from(person_id)
    signed = case((is_debit, LedgerMovement.amount), else_=-LedgerMovement.amount)
    wanted = select(func.coalesce(func.sum(signed), 0)).where(LedgerMovement.currency == currency, is_debit | is_credit)
    return int(db.session.execute(wanted).scalar_one())
