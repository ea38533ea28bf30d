"""What an obstacle is called to people. Pure."""

from booking.openings.limits import Limit
from booking.refusals import DETAILS

# What everybody may know of a service, and what is the caller's own.
PUBLIC = frozenset({"past", "too_soon", "not_yet_open", "too_far", "no_such_time", "off_grid"})
OWN = frozenset({"client_busy", "client_limit"})
PAID_NOWHERE, NOT_ACCEPTING = "group_not_paid_here", "not_accepting"
# Why nobody can book a service at all; told to its therapist and staff.
RETIRED, NOT_PUBLISHED, ON_HOLD, UNUSABLE = "retired", "not_published", "on_hold", "terms_unusable"
WORDS = DETAILS | {
    NOT_ACCEPTING: "This therapist takes no new clients at the moment.",
    RETIRED: "This service is not offered any more.",
    NOT_PUBLISHED: "The profile is not published, so nobody can book.",
    ON_HOLD: "The profile is on hold by the platform, so nobody can book.",
    UNUSABLE: "No time meets the terms of this service. Save it again, and what is wrong with them is said.",
    PAID_NOWHERE: "Seats in this group are not paid by card yet, and its therapist collects no other way.",
    "not_available": "The therapist is not available at this time.",
    "client_busy": "You already have an appointment or a request at this time.",
    "time_off": "There is time off then.",
    "holiday": "It is a public holiday in the calendar of the schedule.",
    "busy_booking": "A booking, with its buffers, takes this time.",
    "busy_outside": "Another calendar says that this time is taken.",
}
WHOSE = {"therapist": "in all", "service": "of this service", "client": "of one client"}


def told(code: str) -> str:
    """One plain sentence for a code."""
    return WORDS[code]


def words_of_limit(limit: Limit) -> str:
    """The limit itself, with its number."""
    if limit.per == "gap":
        return f"Sessions of one client lie at least {limit.most} days apart."
    return f"At most {limit.most} {limit.measure} {WHOSE[limit.of]} a {limit.per}."
