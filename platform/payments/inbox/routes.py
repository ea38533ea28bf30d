"""The address that the processor sends its events to."""

from flask import Blueprint, Response, request

from core.access import allow, anyone
from core.clock import now
from payments.inbox.receive import receive

blueprint = Blueprint("payment_events", __name__)


@blueprint.post("/webhooks/stripe")
@allow(anyone)
def take_event() -> Response:
    """Answered once the event is kept: 200 for one that was kept before as well, 400 for what the processor did not sign. Nothing is read from it here."""
    receive(request.get_data(cache=False), request.headers.get("Stripe-Signature"), now=now())
    return Response(status=200)


# The body is looked at as the bytes that were signed, never as what a parser makes of them.
take_event.__takes__ = frozenset({"raw"})  # type: ignore[attr-defined]
