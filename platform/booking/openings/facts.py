"""What the engine needs beside the offer, read fresh."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from booking.openings.busy import busy_of
from booking.openings.intervals import Interval
from booking.openings.limits import Tally
from booking.openings.offers import Offer
from booking.openings.tallies import tallies_of


@dataclass(frozen=True, slots=True)
class Facts:
    """Busy time of the therapist and of the clients, and the tallies of the limits."""

    busy: list[Interval]
    client_busy: list[Interval]
    tallies: list[Tally]


def facts_for(
    offers: Collection[Offer], start: datetime, end: datetime, *, client_ids: Collection[int], now: datetime, ignoring: Collection[int] = ()
) -> dict[int, Facts]:
    """What is known about sessions that start between the two instants, by service. A statement or two, however many offers."""
    if not offers:
        return {}
    longest = timedelta(minutes=max(offer.terms.minutes for offer in offers))
    busy = busy_of({offer.therapist_id for offer in offers} | set(client_ids), start, end + longest, now=now, ignoring=ignoring)
    tallies = tallies_of(list(offers), start, end, client_ids=client_ids, now=now, ignoring=ignoring)
    own = [interval for client_id in client_ids for interval in busy[client_id]]
    return {offer.service_id: Facts(busy[offer.therapist_id], own, tallies.get(offer.service_id, [])) for offer in offers}
