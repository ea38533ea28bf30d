"""Working days: Monday to Friday where the therapist works. Pure. Public holidays are not known here, so a promise can fall on one."""

from datetime import datetime, timedelta

from core.zones import local_date

SATURDAY = 5


def after_working_days(days: int, zone: str, now: datetime) -> datetime:
    """The same time of the day as `now`, so many working days later on the calendar of `zone`; whoever asks at a weekend asks as if on Monday."""
    at = now
    while local_date(zone, int(at.timestamp())).weekday() >= SATURDAY:
        at += timedelta(days=1)
    for _ in range(days):
        at += timedelta(days=1)
        while local_date(zone, int(at.timestamp())).weekday() >= SATURDAY:
            at += timedelta(days=1)
    return at
