"""What a schedule has against a session that is already booked. Pure.

What is asked when hours change: not whether it could be booked anew, only whether the therapist means to work then.
"""

from dataclasses import replace
from datetime import timedelta
from typing import Literal, TypeAlias

from booking.openings.engine import hours_around
from booking.openings.intervals import Interval, covers, overlap
from booking.openings.schedule import Schedule, date_at, holidays_between

Against: TypeAlias = Literal["out_of_hours", "time_off", "holiday"]
ONE_DAY = timedelta(days=1)


def what_stands_against(schedule: Schedule, session: Interval) -> frozenset[Against]:
    """Working hours that do not hold the session (UTC seconds, no buffers), time off over it, a holiday over it: each on its own."""
    said: set[Against] = set()
    if not covers(hours_around(replace(schedule, time_off=(), absences=(), holiday=None), session), session):
        said.add("out_of_hours")
    if any(overlap(session, off) for off in schedule.away):
        said.add("time_off")
    if schedule.holiday is not None:
        around = holidays_between(schedule, date_at(schedule, session[0]) - ONE_DAY, date_at(schedule, session[1]) + ONE_DAY)
        if any(overlap(session, off) for off, _ in around):
            said.add("holiday")
    return frozenset(said)
