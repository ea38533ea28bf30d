"""Why a start cannot be booked, as refusals with stable codes. Pure."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NoReturn

from booking.meeting import Window
from core.errors import Conflict, Forbidden, Gone, Invalid

CLASHES = frozenset({"busy", "client_busy"})
AWAY = frozenset({"time_off", "holiday"})
LIMITS = frozenset({"day_limit", "week_limit", "client_limit"})
DETAILS: dict[str, str] = {
    "past": "This time is over.",
    "too_soon": "This is too soon: the therapist needs more notice.",
    "not_yet_open": "This is earlier than can be booked with this service.",
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


class GroupFull(OpeningTaken):
    code, detail = "full", "All seats of this session are taken. Choose another opening."


class GroupCannotMove(Invalid):
    code, detail = "group_cannot_move", "A session of a group cannot be moved for one person. Give up your seat and book another session."


class GroupBookedAtOnce(Invalid):
    code, detail = "group_booked_at_once", "A session of a group cannot be held, proposed or booked as a series: each client takes a seat at once."


class NotAnOpening(Invalid):
    """Its `code` is the rule that speaks against the start."""


class LimitReached(Conflict):
    """`limits` in the problem document names those that are reached."""

    code, detail = "limit", "No more can be booked then."


class RequestExpired(Gone):
    code = "request_expired"
    detail = "This request was not answered in time, so it ended by itself."


class HoldExpired(Gone):
    code = "hold_expired"
    detail = "This hold is over, and its time is free for others. Choose an opening again."


class NotBookable(Conflict):
    code = "not_bookable"
    detail = "This service cannot be booked at the moment."


class MovedMeanwhile(Conflict):
    code = "moved_meanwhile"
    detail = "This appointment was moved meanwhile. Look at its new time first."


class RescheduleLimit(Invalid):
    code = "reschedule_limit"
    detail = "This appointment was moved as often as was agreed. You can still cancel it."


class TooLateToMove(Invalid):
    code = "too_late_to_move"
    detail = "It is too late to move this appointment. You can still cancel it."


class SameTime(Invalid):
    code = "same_time"
    detail = "The appointment is at this time already."


class ReasonNeeded(Invalid):
    """Who moves somebody else's appointment says why."""

    def __init__(self) -> None:
        super().__init__(errors={"reason": ["Say why: the other side reads that you moved it."]})


class NotReportable(Invalid):
    code = "not_reportable"
    detail = "You cannot say this of the appointment: not yet, not any more, or it is for the other side to say."


class AlreadyReported(Conflict):
    code = "already_reported"
    detail = "It was reported already how this went. If that is wrong, contest it."


class AlreadySaid(Conflict):
    code = "already_said"
    detail = "You have told us about this appointment already. A person looks at it, or has."


class NothingToSay(Conflict):
    code = "nothing_to_say"
    detail = "This appointment is not over yet, costs you nothing, or ended more than 14 days ago."


class NotContestable(Conflict):
    code = "not_contestable"
    detail = "There is nothing to contest here, or not any more."


class NotToBeConfirmed(Conflict):
    """`reasons` names only what is about the therapist."""

    code = "may_not_treat"
    detail = "This request cannot be confirmed at the moment."


class TakesNotPlace(Conflict):
    code = "takes_not_place"
    detail = "This appointment does not take place at this time. Choose another one, or cancel it; nobody owes anything."


class AlreadyStarted(Conflict):
    code = "already_started"
    detail = "This appointment has already begun, so it cannot be cancelled any more."


class NoArrivalNeeded(Conflict):
    code = "no_arrival_needed"
    detail = "For this appointment you need not say where you are."


class ArrivalNeeded(Conflict):
    code = "arrival_needed"
    detail = "Please say first where you are now."


class MayNotTreatHere(Conflict):
    code = "may_not_treat_here"
    detail = (
        "This therapist may not work with people who are there. If you are somewhere else, correct the place. If you stay there, tell us so: the session is "
        "called off, and you owe nothing. Without an answer that happens by itself 15 minutes after the start."
    )


class TooEarly(Forbidden):
    code = "too_early"
    detail = "This is not open yet."


class TooLate(Gone):
    code = "too_late"
    detail = "This is not open any more."


def require_within(window: Window, *, now: datetime) -> None:
    """TooEarly with the instant `opens`, or TooLate."""
    if now < window.opens:
        raise TooEarly(extra={"opens": window.opens.isoformat().replace("+00:00", "Z")})
    if now >= window.closes:
        raise TooLate


def is_clash(obstacles: Collection[str]) -> bool:
    """Whether somebody's time is taken: that is said before any other rule."""
    return not CLASHES.isdisjoint(obstacles)


def clash_detail(obstacles: Collection[str], *, is_own: bool) -> str:
    """Whose time it is, as far as whoever asks may know: a client for themselves (`is_own`), or somebody for others."""
    if "client_busy" in obstacles:
        if not is_own:
            return "Somebody who is to attend has something else at this time. Choose another opening."
        return "You already have an appointment or a request at this time. Choose another opening."
    return OpeningTaken.detail


def refuse_start(obstacles: Sequence[str]) -> NoReturn:
    """NotAnOpening with the first obstacle as its code; LimitReached when limits are all that speaks against the start.

    Time off and holidays are told as any other time without work: the reason is the therapist's.
    """
    codes = list(dict.fromkeys("out_of_hours" if obstacle in AWAY else obstacle for obstacle in obstacles if obstacle not in LIMITS))
    if not codes:
        raise LimitReached(DETAILS[obstacles[0]], extra={"limits": list(obstacles)})
    raise NotAnOpening(DETAILS[codes[0]], code=codes[0], errors={"start": [DETAILS[code] for code in codes]})
