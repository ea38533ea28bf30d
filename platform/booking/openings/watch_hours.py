"""No change of hours, time off, holidays or zone is saved silently over something that is booked: it is refused with the list, or opens it."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import and_, func, or_, select

from booking.disruption.models import Disruption
from booking.disruption.opened import WITH_CLIENTS, being_told, open_list, require_choice, what_counts
from booking.models import Booking
from booking.openings.hours_against import Against, what_stands_against
from booking.openings.schedule import Schedule
from booking.openings.schedules import ScheduleNamed, schedules_of
from core.db import db
from therapists.hours_changing import Judge
from therapists.models import Service, Therapist
from therapists.schedule_models import TherapistSchedule


def watch_hours(therapist_id: int, affected: str | None, now: datetime) -> Judge:
    """The caller holds the therapist's lock. Affected is what something stands against after the change that did not before it.

    BookingsAffected unless `affected` says what shall become of them.
    """
    coming = select(Booking).where(Booking.therapist_id == therapist_id, what_counts(now)).order_by(Booking.starts_at, Booking.id).options(*WITH_CLIENTS)
    bookings = db.session.scalars(coming).all()
    before = _against(bookings)

    def judge() -> None:
        after = _against(bookings)
        told = being_told([booking.id for booking in bookings])
        found = [booking for booking in bookings if after[booking.id] - before[booking.id] and booking.id not in told]
        if not found:
            return
        if affected is None:
            require_choice(found)
        else:
            disruption = Disruption(public_id=uuid.uuid4(), therapist_id=therapist_id, cause="hours", choice=affected, opened_at=now)
            open_list(disruption, found, choices={}, now=now)

    return judge


def _against(bookings: Sequence[Booking]) -> dict[int, frozenset[Against]]:
    """What stands against each booking on the schedule of its service as it is in the database now."""
    schedules = _schedules_of_services({booking.service_id for booking in bookings}) if bookings else {}
    return {
        booking.id: what_stands_against(schedules[booking.service_id], (int(booking.starts_at.timestamp()), int(booking.ends_at.timestamp())))
        for booking in bookings
    }


def _schedules_of_services(service_ids: set[int]) -> Mapping[int, Schedule]:
    used = TherapistSchedule
    is_used = or_(used.id == Service.schedule_id, and_(Service.schedule_id.is_(None), used.therapist_id == Service.therapist_id, used.is_default))
    zone = func.coalesce(used.zone, Therapist.zone)
    columns = select(Service.id, used.id, used.name, zone, used.holiday_country, used.holiday_subdivision)
    found = columns.join(Therapist, Therapist.person_id == Service.therapist_id).join(used, is_used).where(Service.id.in_(service_ids))
    rows = db.session.execute(found).all()
    named = {service_id: ScheduleNamed(own_id, name, zone_name, country, part) for service_id, own_id, name, zone_name, country, part in rows}
    schedules = schedules_of(list({each.id: each for each in named.values()}.values()))
    return {service_id: schedules[each.id] for service_id, each in named.items()}
