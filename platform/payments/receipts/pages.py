"""Receipts and statements as pages: the same content as the PDF, for a screen or a printer."""

import uuid
from datetime import date
from typing import get_args

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from core.access import allow, caller, signed_in
from core.clock import now
from core.dates import day_of
from core.errors import Invalid
from payments.checkout.open_calls import PAGE
from payments.receipts.paper import Paper
from payments.receipts.receipt import receipt_of
from payments.receipts.statement import SIDES, Side, statement_of

blueprint = Blueprint("receipt_pages", __name__, template_folder="../templates")


@blueprint.get(f"/{PAGE}/<uuid:payment_id>/receipt")
@allow(signed_in)
def receipt_page(payment_id: uuid.UUID) -> ResponseReturnValue:
    """One receipt."""
    paper = receipt_of(payment_id, reader=caller().require_person())
    return _page(paper, url_for("receipts.read_receipt", payment_id=payment_id))


@blueprint.get(f"/{PAGE}/statement")
@allow(signed_in)
def statement_page() -> ResponseReturnValue:
    """The statement of a time; without one, of this year until today (UTC)."""
    today = now().date()
    side, since, until = _side(), _day("since", today.replace(month=1, day=1)), _day("until", today)
    paper = statement_of(caller().require_person(), side=side, since=since, until=until)
    return _page(paper, url_for("receipts.read_payment_statement", side=side, since=since.isoformat(), until=until.isoformat()), since, until, side)


# `core.http.refuse_unexpected` asks what a view takes.
statement_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]


def _page(paper: Paper, file: str, since: date | None = None, until: date | None = None, side: str = "") -> str:
    return render_template("payments/paper.html", paper=paper, file=file, since=since, until=until, side=side)


def _side() -> Side:
    asked = request.args.get("side", "payer")
    for side in SIDES:
        if asked == side:
            return side
    raise Invalid(errors={"side": [f"One of {', '.join(get_args(Side))}."]})


def _day(name: str, otherwise: date) -> date:
    try:
        return day_of(request.args[name]) if name in request.args else otherwise
    except ValueError as error:
        raise Invalid(errors={name: ["Give a day such as 2026-11-23."]}) from error
