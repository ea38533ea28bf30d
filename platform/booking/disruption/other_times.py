"""Other times for a booking that cannot take place where it stands: openings of the same service, of the length that was agreed, for everybody in it; for
one client of a group, whose session does not move for one of them, other sessions of that group.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from booking.groups.other_session import other_sessions
from booking.models import Booking
from booking.openings.availability import instant_of, offers_of, starts_of

MOST = 8
WITHIN = timedelta(days=28)
MINUTE = timedelta(minutes=1)


def other_times(booking: Booking, *, client_id: int, now: datetime) -> list[datetime]:
    """At most eight from now on, as this client may choose among; none where the service cannot be booked. The participants are loaded; its own time is not
    in its way.
    """
    if booking.is_group:
        return other_sessions(booking, client_id, now=now, until=now + WITHIN)[:MOST]
    offer = offers_of([booking.service_id]).get(booking.service_id)
    if offer is None:
        return []
    agreed = replace(offer, terms=offer.terms_for((booking.ends_at - booking.starts_at) // MINUTE))
    clients = [participant.person_id for participant in booking.participants]
    starts = starts_of([agreed], now, now + WITHIN, client_ids=clients, ignoring=[booking.id], now=now)[offer.service_id]
    return [start for start in map(instant_of, starts) if start != booking.starts_at][:MOST]
