"""Payments over HTTP: for their payer and payee, and for staff who give money back."""

import uuid
from typing import Any

from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent
from payments.checkout.own_calls import look_at_own
from payments.reading import PaymentShown, show_payment
from payments.refunds.request import refund_part
from payments.schemas import GiveBackSchema, PaymentSchema

payments = Blueprint("payments", __name__, url_prefix="/api/v1/payments", description="What you pay, and what you are paid")
staff_payments = Blueprint("staff_payments", __name__, url_prefix="/api/v1/staff/payments", description="Payments at the desk")
blueprints = (payments, staff_payments)


@payments.get("/<uuid:payment_id>")
@allow(signed_in)
@payments.gives(200, PaymentSchema)
def read_payment(payment_id: uuid.UUID) -> PaymentShown:
    """One payment of yours, from either side."""
    return show_payment(payment_id, person_id=caller().require_person())


@payments.post("/<uuid:payment_id>/check")
@allow(confirmed, outside=True)
@payments.gives(200, PaymentSchema)
def check_payment(payment_id: uuid.UUID) -> PaymentShown:
    """Ask the card processor now how your payment stands, instead of waiting for its news."""
    return look_at_own(payment_id)


@staff_payments.get("/<uuid:payment_id>")
@allow(role("admin"))
@staff_payments.gives(200, PaymentSchema)
def read_any_payment(payment_id: uuid.UUID) -> PaymentShown:
    """One payment, for the case about it."""
    return show_payment(payment_id, person_id=None)


@staff_payments.post("/<uuid:payment_id>/refunds")
@allow(role("admin"))
@staff_payments.hears("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")
@idempotent
@staff_payments.takes(GiveBackSchema)
@staff_payments.gives(201, PaymentSchema)
def refund_payment(body: dict[str, Any], payment_id: uuid.UUID) -> PaymentShown:
    """Give part or all of a payment back. Never more than is left of it."""
    refund_part(payment_id, body["amount"], reason=body["reason"], by=caller().require_person(), now=now())
    return show_payment(payment_id, person_id=None)
