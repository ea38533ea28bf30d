"""The checkout of a hold over HTTP."""

import uuid

from booking.paying.open_calls import CheckoutPage, check_out
from booking.paying.schemas import CheckoutSchema
from core.access import allow, caller, confirmed
from core.http import Blueprint

blueprint = Blueprint("checkouts", __name__, url_prefix="/api/v1/holds", description="Paying for an opening that is kept for you")


@blueprint.post("/<uuid:booking_id>/checkout")
@allow(confirmed, outside=True)
@blueprint.gives(200, CheckoutSchema)
def open_checkout(booking_id: uuid.UUID) -> CheckoutPage:
    """Open the page where your hold is paid by card; asked again, the same page. The hold lives as long as it can be paid, and a little longer."""
    return check_out(booking_id, by=caller().require_person())
