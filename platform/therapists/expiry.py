"""What a date on a register asks of us, and when a look at it is due. Pure.

Two facts are kept apart: that an entry has ended (its last day is over in the register's own zone), and that our look at it is late while it runs on.
"""

from datetime import date, datetime, timedelta

from core.zones import local_date
from therapists.standing import CHECKED_WITHIN, RECHECK_EVERY, overdue_by

# Days before the last day on which the therapist is written to, the nearest last.
WARNINGS = (90, 60, 30, 7)
# Work is made ready this long before a look is due, and before a full verification is.
PREPARED_BEFORE = timedelta(days=7)
FULL_PREPARED_BEFORE = timedelta(days=90)
URGENT_AFTER = timedelta(days=14)


def state_by_date(state: str, expires_on: date | None, zone: str, now: datetime) -> str:
    """What the calendar makes of a live credential: unchanged, expiring (within 90 days), or expired at the midnight that ends its last day, in `zone`."""
    if expires_on is None or state not in ("active", "expiring"):
        return state
    left = (expires_on - local_date(zone, int(now.timestamp()))).days
    if left < 0:
        return "expired"
    return "expiring" if left <= WARNINGS[0] else state


def warning_due(days_left: int, warned: int | None) -> int | None:
    """The warning to send now: the nearest one that is reached, unless it or a nearer one was sent. After a pause nobody gets four letters at once."""
    reached = [days for days in WARNINGS if days_left <= days]
    if days_left < 0 or not reached or (warned is not None and warned <= reached[-1]):
        return None
    return reached[-1]


def look_due_at(checked_at: datetime) -> datetime:
    """When the register has to be looked at again."""
    return checked_at + RECHECK_EVERY


def full_is_due(decided_at: datetime | None, now: datetime) -> bool:
    """Whether the next look has to be a full verification, because the last one is nearly 36 months ago."""
    return decided_at is None or now >= decided_at + CHECKED_WITHIN - FULL_PREPARED_BEFORE


def priority_of_look(checked_at: datetime | None, now: datetime) -> str:
    """normal until it is due, high from the first day after, urgent once new clients are turned away."""
    late = overdue_by(checked_at, now)
    if late is None or late > URGENT_AFTER:
        return "urgent"
    return "high" if late > timedelta(0) else "normal"
