"""How long an offer of the waitlist lasts. Pure; instants are integer UTC seconds.

Half an hour of counted time. While the start is a day or more away only the hours from 08:00 to 21:00 on the client's own wall clock count, so that nobody
loses an offer in their sleep; when it is nearer than that, every minute counts.
"""

from datetime import timedelta

from core.zones import DAY, local_date, local_to_utc_seconds

LASTS = 30 * 60
OPENS, CLOSES = 8 * 60, 21 * 60  # minutes of the day
NEAR = DAY


def offer_ends_at(made: int, start: int, zone: str) -> int:
    """The second from which an offer that was made at `made`, of an opening at `start`, cannot be accepted any more; never after the start."""
    if start - made < NEAR:
        return min(made + LASTS, start)
    left, day = LASTS, local_date(zone, made)
    while True:
        opens, closes = (local_to_utc_seconds(zone, day.year, day.month, day.day, minute) for minute in (OPENS, CLOSES))
        begins = max(made, opens)
        if closes - begins >= left:
            return begins + left
        left -= max(0, closes - begins)
        day += timedelta(days=1)
