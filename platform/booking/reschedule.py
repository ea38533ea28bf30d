"""A confirmed appointment moves to another opening: in one step, with the old time kept until the new one is there.

Who may: its client, its therapist, and staff on the record (`on_behalf`), whoever booked it. A client moves within what was agreed when it was booked: so
many times, until so many hours before the start. A therapist says why, and the client may then cancel free of charge until the new start. The session of a
group is moved by its therapist or by staff, for everybody in it and never onto the time of one of them; none of its clients moves it, and each may give up
their seat free of charge until the new start.

The appointment stays confirmed, because every opening is one that the therapist offers; notice, buffers, limits and grid are asked as of a new booking,
without the one that moves.
"""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from booking.advance import booking_under_lock, client_ids_of, move_all, participant_of
from booking.cancel import is_late
from booking.disruption.disrupted_times import off_at_present
from booking.expire import end_lapsed_of
from booking.lifecycle import State, require_state
from booking.models import Booking
from booking.openings.availability import offers_of
from booking.overlapped import end_overlapped_requests
from booking.place import Wanted, require_offered, wall_clock, zone_of
from booking.refusals import AlreadyStarted, GroupCannotMove, MovedMeanwhile, NotBookable, ReasonNeeded, RescheduleLimit, SameTime, TooLateToMove
from core.zones import tzdata_version

MINUTE = timedelta(minutes=1)
REASONS = ("time", "unwell", "other")


def reschedule(public_id: uuid.UUID, new_start: datetime, *, by: int, now: datetime, reason: str | None = None, seen: datetime | None = None) -> Booking:
    """Move it to the opening at `new_start`; nothing changes when that is refused. `seen` is the start that whoever moves it believes it has.

    Refusals: NotFound, BookingEnded, StepNotPossible unless confirmed, MovedMeanwhile when it is not at `seen` any more, AlreadyStarted, SameTime; for a
    client GroupCannotMove, RescheduleLimit and TooLateToMove, for a therapist ReasonNeeded; then those of `require_offered`, and NotBookable. A client's
    move that is late for cancelling is kept as a fact: cancelling stays late from then on. One that cannot take place where it stands is moved as by
    `move_because_of_therapist`.
    """
    booking = booking_under_lock(public_id, person_id=by)
    if participant_of(booking, by) is not None and (seen is None or booking.starts_at == seen) and off_at_present([booking.id]):
        return move_because_of_therapist(booking, new_start, by=by, now=now)
    require_movable(booking, by=by, reason=reason, now=now, seen=seen)
    if booking.starts_at == new_start:
        raise SameTime
    wanted = _wanted(booking, new_start, by=by, now=now)
    require_offered(wanted, now=now, ignoring=[booking.id])
    move_to(booking, wanted, by=by, reason=reason, now=now)
    end_overlapped_requests(booking, now=now)
    return booking


def move_for_both(booking: Booking, new_start: datetime, *, by: int, reason: str, set_aside: Collection[str], is_clients_wish: bool, now: datetime) -> Booking:
    """Staff move it, with rules set aside: it counts as no move of the client's, who may then cancel free of charge unless they wished for it: then
    cancelling stays as late as it was. What one client of a group wished for is nothing that the others did.

    The caller holds the locks. Refusals: those of `reschedule` that are not about how often and how late, and those of `require_offered`.
    """
    require_movable(booking, by=by, reason=reason, now=now)
    if booking.starts_at == new_start:
        raise SameTime
    wanted = _wanted(booking, new_start, by=by, now=now)
    wanted = replace(wanted, passes_over=wanted.passes_over | frozenset(set_aside))
    require_offered(wanted, now=now, ignoring=[booking.id])
    is_clients_wish = is_clients_wish and not booking.is_group
    booking.moved_late = booking.moved_late or (is_clients_wish and is_late(booking, now=now))
    booking.moved_by_therapist = booking.moved_by_therapist or not is_clients_wish
    _write(booking, wanted, by=by, reason=reason, passed_over=set_aside, now=now)
    end_overlapped_requests(booking, now=now)
    return booking


def require_movable(booking: Booking, *, by: int, reason: str | None, now: datetime, seen: datetime | None = None) -> None:
    """Whether this person may move it anywhere: the refusals of `reschedule` that are not about the new time."""
    require_state(booking.stands, State.CONFIRMED)
    if seen is not None and booking.starts_at != seen:
        raise MovedMeanwhile
    if booking.starts_at <= now:
        raise AlreadyStarted("This appointment has already begun, so it cannot be moved any more.")
    if participant_of(booking, by) is not None:
        _require_own_to_move(booking)
        _require_client_may_move(booking, now=now)
    elif reason is None:
        raise ReasonNeeded


def move_to(booking: Booking, wanted: Wanted, *, by: int, reason: str | None, now: datetime) -> None:
    """Only the writing, for a caller who asked every rule under the locks; requests that now overlap are the caller's to end."""
    move_all_to([(booking, wanted)], by=by, reason=reason, now=now)


def move_all_to(moves: Sequence[tuple[Booking, Wanted]], *, by: int, reason: str | None, now: datetime) -> None:
    """The same for dates of a series, each to what is wanted of it, in as many statements as for one."""
    for booking, _ in moves:
        by_client = participant_of(booking, by) is not None
        if by_client:
            booking.moves_made += 1
            booking.moved_late = booking.moved_late or is_late(booking, now=now)
        booking.moved_by_therapist = not by_client
    _write_all(moves, by=by, reason=reason, now=now)


def move_because_of_therapist(booking: Booking, new_start: datetime, *, by: int, now: datetime) -> Booking:
    """A client chooses another opening because the therapist cannot be there: it counts as no move of theirs, and cancelling stays free of charge.

    The caller holds the locks and has asked whether it stands where it cannot be. Refusals: BookingEnded, StepNotPossible, AlreadyStarted, SameTime, those of
    `require_offered`, NotBookable.
    """
    require_state(booking.stands, State.CONFIRMED)
    _require_own_to_move(booking)
    if booking.starts_at <= now:
        raise AlreadyStarted("This appointment has already begun, so it cannot be moved any more.")
    if booking.starts_at == new_start:
        raise SameTime
    wanted = _wanted(booking, new_start, by=by, now=now)
    require_offered(wanted, now=now, ignoring=[booking.id])
    booking.moved_by_therapist = True
    _write(booking, wanted, by=by, reason=None, now=now)
    end_overlapped_requests(booking, now=now)
    return booking


def may_move(booking: Booking, *, now: datetime) -> bool:
    """Whether one of its clients could move it now, as far as the agreed terms go."""
    return not booking.is_group and booking.moves_made < booking.moves_allowed and now <= move_until(booking)


def move_until(booking: Booking) -> datetime:
    """The last instant at which a client may move it."""
    return booking.starts_at - timedelta(hours=booking.move_until_hours)


def _require_own_to_move(booking: Booking) -> None:
    if booking.is_group:
        raise GroupCannotMove


def _require_client_may_move(booking: Booking, *, now: datetime) -> None:
    if booking.moves_made >= booking.moves_allowed:
        raise RescheduleLimit(extra={"limit": booking.moves_allowed})
    if now > move_until(booking):
        raise TooLateToMove


def _write(booking: Booking, wanted: Wanted, *, by: int, reason: str | None, now: datetime, passed_over: Collection[str] = ()) -> None:
    _write_all([(booking, wanted)], by=by, reason=reason, now=now, passed_over=passed_over)


def _write_all(moves: Sequence[tuple[Booking, Wanted]], *, by: int, reason: str | None, now: datetime, passed_over: Collection[str] = ()) -> None:
    for booking, wanted in moves:
        booking.wall_start, booking.zone, booking.tzdata = wall_clock(wanted), zone_of(wanted), tzdata_version()
    timed = [(booking, (wanted.start, wanted.end), wanted.block) for booking, wanted in moves]
    move_all(timed, by=by, reason=reason, passed_over=passed_over, now=now)


def _wanted(booking: Booking, new_start: datetime, *, by: int, now: datetime) -> Wanted:
    clients = tuple(client_ids_of(booking))
    end_lapsed_of([booking.therapist_id, *clients], now=now)
    offer = offers_of([booking.service_id]).get(booking.service_id)
    if offer is None:
        raise NotBookable
    # A series may reach beyond the booking window, and so may each of its dates.
    passes_over: frozenset[str] = frozenset() if booking.series_id is None else frozenset({"too_far"})
    return Wanted(offer, new_start, clients, (booking.ends_at - booking.starts_at) // MINUTE, by=by, passes_over=passes_over)
