"""The page that a payer comes back to from the hosted checkout. Opening it changes nothing and proves nothing: it says how the payment stands.

While that is open the page loads itself again, and a press of its button asks the processor, as an event would.
"""

import uuid
from contextlib import suppress

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.sign_in_page import to_sign_in
from core.access import allow, anyone, caller
from core.clock import now
from core.errors import NotFound
from payments.checkout.open_calls import PAGE
from payments.checkout.own_calls import look_at_own
from payments.collection.account_calls import PAGE as ACCOUNT_PAGE
from payments.platform_fees import ORIGINS, fees_on
from payments.processor_failures import ProcessorUnavailable
from payments.reading import PaymentShown, show_payment

blueprint = Blueprint("payment_pages", __name__, template_folder="templates")
FEES_PAGE = "fees"
CAME_BACK = "Our card processor tells us within minutes whether you can be paid through Attune. If something is missing, your page of money says so."


@blueprint.get(f"/{PAGE}/<uuid:payment_id>")
@allow(anyone)
def payment_page(payment_id: uuid.UUID) -> ResponseReturnValue:
    """How it stands. Whoever is not signed in reads nothing of it and signs in first."""
    me = caller().person_id
    if me is None:
        return to_sign_in()
    try:
        return _page(show_payment(payment_id, person_id=me))
    except NotFound as missing:
        return render_template("accounts/done.html", title="Nothing here", text=missing.detail), 404


@blueprint.post(f"/{PAGE}/<uuid:payment_id>")
@allow(anyone, outside=True)
def check_here(payment_id: uuid.UUID) -> ResponseReturnValue:
    """Ask the processor now."""
    if not caller().is_signed_in:
        return to_sign_in()
    with suppress(ProcessorUnavailable):
        return _page(look_at_own(payment_id))
    text = "We cannot ask our card processor at the moment. Nothing was lost: your payment is looked at again within minutes, and you get a mail."
    return render_template("accounts/done.html", title="A moment, please", text=text), 503


@blueprint.get(f"/{ACCOUNT_PAGE}")
@allow(anyone)
def account_page() -> ResponseReturnValue:
    """Where a payee comes back to from the processor's pages. Opening it changes nothing: its news tells us how the account stands."""
    return render_template("accounts/done.html", title="Thank you", text=CAME_BACK)


@blueprint.get(f"/{FEES_PAGE}")
@allow(anyone)
def fees_page() -> str:
    """What anything costs here."""
    fees = fees_on(now().date())
    return render_template("payments/fees.html", fees=fees, lines=[(f"{fees.points[name] / 100:g} %", fees.words[name]) for name in ORIGINS])


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
check_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _page(payment: PaymentShown) -> str:
    return render_template("payments/payment.html", payment=payment, csrf_token=csrf_token())
