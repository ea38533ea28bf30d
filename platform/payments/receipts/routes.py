"""Receipts and statements over HTTP, as files; and what a therapist states as the seller."""

import uuid
from typing import Any

from flask import Response
from marshmallow import fields, validate

from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.dates import Day
from core.http import Blueprint, Schema, Text, attachment
from payments.receipts.pdf import as_pdf
from payments.receipts.receipt import receipt_of
from payments.receipts.seller import MOST_POINTS, Seller, seller_at, state_seller
from payments.receipts.statement import SIDES, statement_of

receipts = Blueprint("receipts", __name__, url_prefix="/api/v1/payments", description="Receipts and statements")
sellers = Blueprint("seller_details", __name__, url_prefix="/api/v1/therapist/seller-details", description="What receipts say of a therapist")
blueprints = (receipts, sellers)
PDF = "application/pdf"


class StatementQuery(Schema):
    since = Day(required=True)
    until = Day(required=True, metadata={"description": "Included; at most 366 days in all."})
    side = fields.String(load_default="payer", validate=validate.OneOf(SIDES), metadata={"description": "What you paid, or what you were paid."})


class SellerSchema(Schema):
    name = Text(required=True, longest=120, metadata={"description": "As it has to stand on receipts."})
    address = Text(load_default="", empty=True, longest=400, lines=True)
    tax_number = Text(load_default="", empty=True, longest=40)
    tax_name = Text(load_default="", empty=True, longest=20, metadata={"description": "What the tax is called, such as VAT."})
    tax_points = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(0, MOST_POINTS),
        metadata={"description": "Hundredths of a percent that are in your prices; null where no tax is."},
    )
    tax_note = Text(load_default="", empty=True, longest=300, metadata={"description": "What else has to be said, such as why there is no tax."})


class StatedSchema(Schema):
    stated = fields.Nested(SellerSchema, required=True, allow_none=True)


@receipts.get("/<uuid:payment_id>/receipt.pdf")
@allow(signed_in)
@receipts.gives_file(200, PDF)
def read_receipt(payment_id: uuid.UUID) -> Response:
    """The receipt of a payment of yours; for whoever was paid, their copy of it."""
    paper = receipt_of(payment_id, reader=caller().require_person())
    return attachment(as_pdf(paper), f"{paper.file_name}.pdf", content_type=PDF)


@receipts.get("/statement.pdf")
@allow(confirmed)
@receipts.takes(StatementQuery, location="query")
@receipts.gives_file(200, PDF)
def read_payment_statement(query: dict[str, Any]) -> Response:
    """Everything that you paid in a time, or were paid, line by line."""
    paper = statement_of(caller().require_person(), side=query["side"], since=query["since"], until=query["until"])
    return attachment(as_pdf(paper), f"{paper.file_name}.pdf", content_type=PDF)


@sellers.get("")
@allow(role("therapist"))
@sellers.gives(200, StatedSchema)
def read_seller() -> dict[str, Any]:
    """What receipts say of you; null until you state something: then only your name stands on them."""
    return {"stated": seller_at(caller().require_person(), now())}


@sellers.put("")
@allow(role("therapist"))
@sellers.takes(SellerSchema)
@sellers.gives(200, StatedSchema)
def put_seller(body: dict[str, Any]) -> dict[str, Any]:
    """State it for receipts of payments from now on; earlier ones keep what was stated then."""
    return {"stated": state_seller(caller().require_person(), Seller(**body), now=now())}
