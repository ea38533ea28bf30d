"""Why a start cannot be booked, as refusals with stable codes. Pure."""

from collections.abc import Collection, Sequence
from typing import NoReturn

from core.errors import Conflict, Gone, Invalid

CLASHES = frozenset({"busy", "client_busy"})
LIMITS = frozenset({"day_limit", "week_limit", "client_limit"})
DETAILS: dict[str, str] = {
    "past": "This time is over.",
    "too_soon": "This is too soon: the therapist needs more notice.",
    "too_far": "This is further ahead than can be booked now.",
    "out_of_hours": "The therapist does not work at this time.",
    "off_grid": "Sessions do not start at this minute. Choose one of the openings.",
    "no_such_time": "The clocks skip this time on that day.",
    "day_limit": "The therapist takes no more sessions on that day.",
    "week_limit": "The therapist takes no more sessions in that week.",
    "client_limit": "You have as many sessions with this therapist as can be booked at a time.",
}


class OpeningTaken(Conflict):
    """`openings` of the problem document holds the next ones that can be booked."""

    code = "taken"
    detail = "Somebody was faster. Choose another opening."


class NotAnOpening(Invalid):
    """Its `code` is the rule that speaks against the start."""


class LimitReached(Conflict):
    """`limits` in the problem document names those that are reached."""

    code, detail = "limit", "No more can be booked then."


class RequestExpired(Gone):
    code = "request_expired"
    detail = "This request was not answered in time, so it ended by itself."


class NotToBeConfirmed(Conflict):
    """`reasons` names only what is about the therapist."""

    code = "may_not_treat"
    detail = "This request cannot be confirmed at the moment."


class AlreadyStarted(Conflict):
    code = "already_started"
    detail = "This appointment has already begun, so it cannot be cancelled any more."


def is_clash(obstacles: Collection[str]) -> bool:
    """Whether somebody's time is taken: that is said before any other rule."""
    return not CLASHES.isdisjoint(obstacles)


def clash_detail(obstacles: Collection[str]) -> str:
    """Whose time it is, as far as the client may know."""
    if "client_busy" in obstacles:
        return "You already have an appointment or a request at this time. Choose another opening."
    return OpeningTaken.detail


def refuse_start(obstacles: Sequence[str]) -> NoReturn:
    """NotAnOpening with the first obstacle as its code; LimitReached when limits are all that speaks against the start.

    Time off is told as any other time without work: its reason is the therapist's.
    """
    codes = list(dict.fromkeys("out_of_hours" if obstacle == "time_off" else obstacle for obstacle in obstacles if obstacle not in LIMITS))
    if not codes:
        raise LimitReached(DETAILS[obstacles[0]], extra={"limits": list(obstacles)})
    raise NotAnOpening(DETAILS[codes[0]], code=codes[0], errors={"start": [DETAILS[code] for code in codes]})
