"""How long a request waits for an answer. Pure; instants are aware UTC.

A request expires after 48 hours, at the therapist's own shorter promise, or 12 hours before its start, whichever comes first; the therapist
is reminded once, at half time.
"""

from datetime import datetime, timedelta

LONGEST_WAIT = timedelta(hours=48)
SETTLED_BEFORE_START = timedelta(hours=12)
# An opening that can only be requested is offered while the therapist would still have this long to answer.
SHORTEST_WAIT = timedelta(hours=1)


def request_expires_at(requested_at: datetime, start: datetime, *, promise: timedelta | None = None) -> datetime:
    """When an unanswered request ends by itself; `promise` is within how long the therapist says they answer. Never before it was made."""
    wait = LONGEST_WAIT if promise is None else min(LONGEST_WAIT, promise)
    return max(requested_at, min(requested_at + wait, start - SETTLED_BEFORE_START))


def chase_due_at(requested_at: datetime, expires_at: datetime) -> datetime:
    """When the therapist is reminded: half way between the request and its expiry."""
    return requested_at + (expires_at - requested_at) / 2


def desk_due_at(now: datetime, expires_at: datetime) -> datetime:
    """When a person looks at it: half way between the reminder and the expiry, so at three quarters of the time."""
    return now + (expires_at - now) / 2


def request_lead_seconds(lead_seconds: int) -> int:
    """Lead time of a service that is only booked on request: long enough that every request can still be answered."""
    return max(lead_seconds, int((SETTLED_BEFORE_START + SHORTEST_WAIT).total_seconds()))
