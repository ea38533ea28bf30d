"""When a service can be booked, why another time is not offered, and what a therapist's rules come to."""

import uuid
from typing import Any

from booking.openings.diary import page_at_hand
from booking.openings.resolved_week import resolved_week
from booking.openings.schemas import OpeningsQuery, OpeningsSchema, ResolvedWeekSchema, WeekQuery, WhyNotQuery, WhyNotSchema
from booking.openings.shown import shown_openings
from booking.openings.why_not_offered import WhyNot, why_not_offered
from core.access import allow, anyone, caller, role
from core.clock import now
from core.encoding import encoded
from core.http import Blueprint

openings = Blueprint("openings", __name__, url_prefix="/api/v1/services", description="When a service can be booked")
weeks = Blueprint("weeks", __name__, url_prefix="/api/v1/therapist/schedules", description="What a therapist's rules come to")
blueprints = (openings, weeks)
STAFF = frozenset({"admin", "matchmaker"})


@openings.get("/<uuid:service_id>/openings")
@allow(anyone)
@openings.takes(OpeningsQuery, location="query")
@openings.gives(200, OpeningsSchema)
def list_openings(query: dict[str, Any], service_id: uuid.UUID) -> Any:
    """Starts of a service that can be booked now."""
    start, end, reader = query["start"], query["end"], caller().person_id
    page = page_at_hand(service_id, start, end, client_id=reader)
    told = {"zone_name": query.get("zone"), "minutes": query.get("minutes")}
    return encoded(shown_openings(service_id, start, end, page=page, client_id=reader, as_client=not caller().roles & STAFF, now=now(), **told))


@openings.get("/<uuid:service_id>/openings/why-not")
@allow(anyone)
@openings.takes(WhyNotQuery, location="query")
@openings.gives(200, WhyNotSchema)
def explain_start(query: dict[str, Any], service_id: uuid.UUID) -> WhyNot:
    """Why a time is not offered: in full for the therapist and staff, and for others without revealing anybody."""
    is_staff, zone_name, minutes = bool(caller().roles & STAFF), query.get("zone"), query.get("minutes")
    return why_not_offered(service_id, query["start"], by=caller().person_id, is_staff=is_staff, now=now(), minutes=minutes, zone_name=zone_name)


@weeks.get("/<uuid:schedule_id>/week")
@allow(role("therapist"))
@weeks.takes(WeekQuery, location="query")
@weeks.gives(200, ResolvedWeekSchema)
def read_week(query: dict[str, Any], schedule_id: uuid.UUID) -> dict[str, Any]:
    """Seven dates of a schedule of yours, with every rule applied."""
    return {"items": resolved_week(caller().require_person(), schedule_id, query["day"])}
