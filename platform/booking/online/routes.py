"""Right before a session, over HTTP: where a client is, the way in, and where the therapist would have to send help."""

import uuid
from collections.abc import Mapping
from typing import Any

from booking.lifecycle import State
from booking.meeting import to_join
from booking.online.arrival import arrive
from booking.online.join import Joined, join, whereabouts_of
from booking.online.models import Details
from booking.online.schemas import ArrivalSchema, ArrivedSchema, WayInSchema, WhereaboutsPageSchema
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.http import Blueprint

blueprint = Blueprint("joining", __name__, url_prefix="/api/v1/bookings", description="Right before a session: where you are, and the way in")


@blueprint.post("/<uuid:booking_id>/arrival")
@allow(confirmed)
@blueprint.takes(ArrivalSchema)
@blueprint.gives(200, ArrivedSchema)
def state_arrival(body: dict[str, Any], booking_id: uuid.UUID) -> dict[str, Any]:
    """Say where you are now, from two hours before a session that is not in person. Your therapist can read it until a day after."""
    return arrived(booking_id, body, by=_me())


@blueprint.get("/<uuid:booking_id>/join")
@allow(signed_in)
@blueprint.gives(200, WayInSchema)
def read_join(booking_id: uuid.UUID) -> Joined:
    """The way into a session, from 15 minutes before it begins; as a client, once you have said where you are."""
    return join(booking_id, person_id=_me(), now=now())


@blueprint.get("/<uuid:booking_id>/whereabouts")
@allow(confirmed, records_reads=True)
@blueprint.gives(200, WhereaboutsPageSchema)
def read_whereabouts(booking_id: uuid.UUID) -> dict[str, Any]:
    """Where your clients are, as their therapist: from 15 minutes before a session until a day after. Reading it is recorded."""
    return {"items": whereabouts_of(booking_id, by=_me(), now=now()), "next": None}


def arrived(booking_id: uuid.UUID, stated: Mapping[str, Any], *, by: int) -> dict[str, Any]:
    """What `ArrivalSchema` let in, said; as `ArrivedSchema` shows it."""
    details = Details(jurisdiction=stated["jurisdiction"], address=stated["address"], phone=stated["phone"])
    booking = arrive(booking_id, details, by=by, stay=stated["stay"], now=now())
    window = to_join(booking.starts_at, booking.ends_at)
    return {"state": booking.state, "accepted": booking.stands is State.CONFIRMED, "opens": window.opens, "closes": window.closes}


def _me() -> int:
    return caller().require_person()
