"""What a hold costs, and its checkout, over HTTP."""

import uuid
from typing import Any

from booking.paying.open_calls import CheckoutPage, check_out
from booking.paying.price import Chosen, choose_price
from booking.paying.price_shown import PriceShown, show_price
from booking.paying.schemas import CheckoutSchema, ChoosePriceSchema, PriceSchema
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.http import Blueprint

blueprint = Blueprint("checkouts", __name__, url_prefix="/api/v1/holds", description="Paying for an opening that is kept for you")


@blueprint.get("/<uuid:booking_id>/price")
@allow(signed_in)
@blueprint.gives(200, PriceSchema)
def read_price(booking_id: uuid.UUID) -> PriceShown:
    """What your hold costs, and why; also of what became of it."""
    return show_price(booking_id, person_id=caller().require_person(), now=now())


@blueprint.put("/<uuid:booking_id>/price")
@allow(confirmed)
@blueprint.takes(ChoosePriceSchema)
@blueprint.gives(200, PriceSchema)
def choose(body: dict[str, Any], booking_id: uuid.UUID) -> PriceShown:
    """Ask for a lower fee, use a code or a gift code, or take a session of a pack, before you pay. What came to nothing is given back."""
    me = caller().require_person()
    choose_price(booking_id, Chosen(body["concession"], body["code"], body["by_pack"], body["gift"]), by=me, now=now())
    return show_price(booking_id, person_id=me, now=now())


@blueprint.post("/<uuid:booking_id>/checkout")
@allow(confirmed, outside=True)
@blueprint.gives(200, CheckoutSchema)
def open_checkout(booking_id: uuid.UUID) -> CheckoutPage:
    """Open the page where your hold is paid by card; asked again, the same page. The hold lives as long as it can be paid, and a little longer."""
    return check_out(booking_id, by=caller().require_person())
