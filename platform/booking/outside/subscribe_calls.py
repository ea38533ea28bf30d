"""Subscribing a calendar: whether it may be, a look at it with no transaction open, and then the calendar with what it says."""

from booking.outside import calendars
from booking.outside.jobs import look
from booking.outside.look import NotRead
from booking.outside.models import OutsideCalendar
from core.clock import now
from core.db import transaction


def subscribe_calendar(therapist_id: int, address: str, *, tentative_blocks: bool) -> OutsideCalendar:
    """Its busy time counts at once. Refusals as `calendars.prepare` and `calendars.refuse` say."""
    try:
        with transaction():
            errand = calendars.prepare(therapist_id, address, tentative_blocks=tentative_blocks, now=now())
        reading = look(errand)
    except NotRead as failure:
        raise calendars.refuse(failure) from failure
    with transaction():
        return calendars.add_calendar(errand, reading, now=now())
