"""The desk's page of one payment: how it stands, and money given back by hand. Works without a script."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller, role
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import Conflict, Invalid
from core.forms import refusal_of, words_of_refusal
from core.money import of_units
from payments.reading import show_payment
from payments.refunds.request import refund_part
from payments.schemas import REFUND_REASONS

PAGE = "desk/payments"
LONGEST_AMOUNT = 12
blueprint = Blueprint("refund_pages", __name__, template_folder="../templates")


@blueprint.get(f"/{PAGE}/<uuid:payment_id>")
@allow(role("admin"))
def payment_at_desk(payment_id: uuid.UUID) -> str:
    """One payment, for the case about it."""
    return _page(payment_id)


@blueprint.post(f"/{PAGE}/<uuid:payment_id>")
@allow(role("admin"))
def give_back_here(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Give part or all of it back; never more than was left when the form was shown."""
    refused = refusal_of(lambda: _give_back(payment_id))
    if refused is not None:
        return _page(payment_id, refusal=words_of_refusal(refused)), STATUS_OF_KIND[refused.kind]
    return _page(payment_id, done="It is on its way back to the card.")


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
give_back_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


class MovedOn(Conflict):
    code, detail = "payment_moved_on", "Something went back meanwhile. Read how it stands now, and decide again."


def _give_back(payment_id: uuid.UUID) -> None:
    stands, reason = show_payment(payment_id, person_id=None), request.form.get("reason", "")
    if reason not in REFUND_REASONS:
        raise Invalid(errors={"reason": ["Choose one."]})
    written = request.form.get("amount", "").strip()
    try:
        if len(written) > LONGEST_AMOUNT:
            raise ValueError(written)
        amount = of_units(written, stands.paid.currency).amount
    except ValueError as error:
        raise Invalid(errors={"amount": ["Write an amount such as 70 or 70.50."]}) from error
    if amount <= 0:
        raise Invalid(errors={"amount": ["More than nothing."]})
    refund = refund_part(payment_id, amount, reason=reason, by=caller().require_person(), now=now())
    # Under the lock of the payment, so that a button that is pressed twice gives back once.
    if request.form.get("seen") != str(show_payment(payment_id, person_id=None).returned.amount - refund.amount):
        raise MovedOn


def _page(payment_id: uuid.UUID, **more: Any) -> str:
    payment = show_payment(payment_id, person_id=None)
    reasons = [(each, each.replace("_", " ").capitalize()) for each in REFUND_REASONS]
    return render_template("payments/payment_at_desk.html", payment=payment, reasons=reasons, csrf_token=csrf_token(), given=request.form, **more)
