"""Payments over HTTP: for their payer and payee, and for staff who give money back."""

import uuid
from typing import Any

from core.access import allow, anyone, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint
from core.idempotency import idempotent
from payments.checkout.own_calls import look_at_own
from payments.platform_fees import ORIGINS, PlatformFees, all_fees, fees_on
from payments.reading import PaymentShown, show_payment
from payments.refunds.request import refund_part
from payments.schemas import AllFeesSchema, GiveBackSchema, PaymentSchema

payments = Blueprint("payments", __name__, url_prefix="/api/v1/payments", description="What you pay, and what you are paid")
staff_payments = Blueprint("staff_payments", __name__, url_prefix="/api/v1/staff/payments", description="Payments at the desk")
platform_fees = Blueprint("platform_fees", __name__, url_prefix="/api/v1/platform-fees", description="What we keep")
blueprints = (payments, staff_payments, platform_fees)


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


@platform_fees.get("")
@allow(anyone)
@platform_fees.gives(200, AllFeesSchema)
def read_fees() -> dict[str, Any]:
    """Our fee by how a client came to the therapist, every version. It is in the price of a session and never added to it."""
    versions = [{"version": each.version, "begins_on": each.begins_on, "fees": _lines(each)} for each in all_fees()]
    return {"in_force": fees_on(now().date()).version, "versions": versions}


def _lines(fees: PlatformFees) -> list[dict[str, Any]]:
    return [{"origin": name, "points": fees.points[name], "words": fees.words[name]} for name in ORIGINS]
