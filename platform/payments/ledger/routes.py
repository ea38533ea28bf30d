"""The books over HTTP: what a therapist is owed and their statement; the operator's balances and the whole as a file."""

from typing import Any

from flask import Response
from marshmallow import fields, validate

from core import audit
from core.access import allow, caller, role
from core.http import Blueprint, Instant, MoneyField, Schema, attachment
from payments.ledger.accounts import ACCOUNTS, MEANINGS
from payments.ledger.post import booked_totals
from payments.ledger.statement import books_file, owed_to, statement_file, statement_of

earnings = Blueprint("earnings", __name__, url_prefix="/api/v1/therapist/earnings", description="What a therapist is owed")
books = Blueprint("books", __name__, url_prefix="/api/v1/staff/books", description="The books")
blueprints = (earnings, books)
CSV = "text/csv; charset=utf-8"


class EarningsSchema(Schema):
    owed = fields.List(MoneyField(), required=True, metadata={"description": "Taken in for you and not yet paid out, by currency; our fee is taken off."})


class TimeQuery(Schema):
    since = Instant(required=True)
    until = Instant(required=True, metadata={"description": "Not included; at most 366 days after `since`."})


class BalanceSchema(Schema):
    account = fields.String(required=True, validate=validate.OneOf(ACCOUNTS))
    meaning = fields.String(required=True)
    currency = fields.String(required=True)
    amount = fields.Integer(required=True, metadata={"description": "Minor units, debits less credits: what we hold or are owed is positive."})


class BalancesSchema(Schema):
    items = fields.List(fields.Nested(BalanceSchema), required=True, metadata={"description": "For each currency they add up to zero."})


@earnings.get("")
@allow(role("therapist"))
@earnings.gives(200, EarningsSchema)
def read_earnings() -> Any:
    """What you are owed now."""
    return {"owed": owed_to(caller().require_person())}


@earnings.get("/statement")
@allow(role("therapist"))
@earnings.takes(TimeQuery, location="query")
@earnings.gives_file(200, CSV)
def read_statement(query: dict[str, Any]) -> Response:
    """Every movement of what you are owed in a time, for a spreadsheet (CSV, UTF-8), with the balances before and after. No client is named."""
    lines = statement_of(caller().require_person(), since=query["since"], until=query["until"])
    return attachment(statement_file(lines), "statement.csv", content_type=CSV)


@books.get("/balances")
@allow(role("admin"))
@books.gives(200, BalancesSchema)
def read_balances() -> Any:
    """Every account of the books, all persons' together."""
    items = [{"account": account, "meaning": MEANINGS[account], "currency": currency, "amount": amount} for account, currency, amount in booked_totals()]
    return {"items": items}


@books.get("/file")
@allow(role("admin"), records_reads=True)
@books.takes(TimeQuery, location="query")
@books.gives_file(200, CSV)
def read_books(query: dict[str, Any]) -> Response:
    """Every movement in a time, for a spreadsheet (CSV, UTF-8). That it was taken along is recorded."""
    content = books_file(since=query["since"], until=query["until"])
    by = caller().require_person()
    audit.record("payments.books_taken", subject=("person", by), actor=by, since=query["since"].isoformat(), until=query["until"].isoformat())
    return attachment(content, "books.csv", content_type=CSV)
