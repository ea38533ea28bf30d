"""The steps that one reader can take with a booking now: what their page offers, judged by the same rules as the acts."""

from datetime import datetime

from booking.after.complain import may_complain
from booking.after.outcome import may_contest, side_of
from booking.after.outcomes import reportable
from booking.lifecycle import State
from booking.models import Booking
from booking.reschedule import may_move

ACTIONS = ("confirm", "release", "decline", "withdraw", "move", "cancel", "report", "contest", "complain", "waive_fee", "pay", "decide_unpaid")


def actions_for(booking: Booking, state: State, reader_id: int, *, now: datetime) -> list[str]:
    """Names of `ACTIONS`; `state` is where the booking stands now, clocks included, and what is owed is loaded."""
    gives = reader_id == booking.therapist_id
    if state is State.HELD:
        return ["confirm", "release"] if booking.held_for == "booking" and booking.series_id is None and not gives else []
    if state is State.REQUESTED:
        return ["confirm", "decline"] if gives else ["withdraw"]
    waiving = ["waive_fee"] if gives and _something_is_owed(booking) else []
    if state is State.CONFIRMED:
        return [*_of_confirmed(booking, reader_id, gives=gives, now=now), *waiving]
    return waiving if gives or not may_complain(booking, booking.owed, now=now) else ["complain"]


def reports_for(booking: Booking, state: State, reader_id: int, *, now: datetime) -> list[str]:
    """What this reader may report of how it went."""
    spoken = booking.outcome is not None and (booking.contested_at is not None or booking.outcome_by != reader_id)
    if state is not State.CONFIRMED or spoken:
        return []
    return reportable(side_of(booking, reader_id), starts_at=booking.starts_at, ends_at=booking.ends_at, is_group=booking.is_group, now=now)


def _something_is_owed(booking: Booking) -> bool:
    """In a group by one of its clients, who may have left a session that still stands."""
    fees = [each.owed for each in (*booking.participants, *booking.left)] if booking.is_group else [booking.owed]
    return any(fee is not None and fee.waived_at is None for fee in fees)


def _of_confirmed(booking: Booking, reader_id: int, *, gives: bool, now: datetime) -> list[str]:
    if booking.starts_at > now:
        return ["move", "cancel"] if gives or may_move(booking, now=now) else ["cancel"]
    reports = ["report"] if reports_for(booking, State.CONFIRMED, reader_id, now=now) else []
    return [*reports, "contest"] if may_contest(booking, reader_id, now=now) else reports
