"""Somebody at the desk settles one line of the list: calls the booking off as the platform, or notes that it was moved by agreement."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from booking.advance import client_ids_of, lock_booking
from booking.affected.listed import LIVE_STATES, Cause, unresolved_of
from booking.affected.models import AffectedBooking
from booking.cancel_as_platform import cancel_as_platform
from booking.letters import LEAVES, STOPPED, STOPPED_FOR_GOOD
from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from desk.cases import NotOwned, dismiss_cases_about, open_case, open_case_about, owns_case_about
from therapists.stop_at_once import stop_named

FOR_GOOD = frozenset({"death", "incapacity"})
BY_HAND = ("cancelled", "moved")
MATCHING_DUE_IN = timedelta(days=1)


class AlreadyResolved(Conflict):
    code, detail = "already_resolved", "This booking has been settled already."


class NotMoved(Conflict):
    code, detail = "not_moved", "It still stands at a time that cannot be. Move it first, or call it off."


def resolve_affected(public_id: UUID, *, resolution: str, by: int, now: datetime, offer_matching: bool = False) -> AffectedBooking:
    """`cancelled` calls it off for everybody; `moved` is noted once it stands at a time that can be, or has ended.

    With `offer_matching` somebody of the desk looks for another therapist together with its clients. Refusals: NotFound, NotOwned unless the case is `by`'s,
    AlreadyResolved, NotMoved. The case of a planned leave closes with its last line.
    """
    found = db.session.scalars(select(AffectedBooking).where(AffectedBooking.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    if found.resolution is not None:
        raise AlreadyResolved
    cause = Cause(found.cause, found.cause_id)
    if not owns_case_about("leaving", cause.subject, by=by):
        raise NotOwned
    # Locks of persons come before the lock of a row, everywhere.
    booking = lock_booking(found.booking_id)
    row = db.session.scalars(select(AffectedBooking).where(AffectedBooking.id == found.id).with_for_update().execution_options(populate_existing=True)).one()
    is_over = booking.state not in LIVE_STATES
    if row.resolution is not None or (is_over and resolution == "cancelled"):
        raise AlreadyResolved
    if resolution == "moved" and not is_over and booking.starts_at >= row.since:
        raise NotMoved
    if resolution == "cancelled":
        cancel_as_platform(booking, reason=reason_for(cause), now=now)
    row.resolution, row.resolved_at, row.resolved_by = resolution, now, by
    db.session.flush()
    audit.record(f"booking.affected_{resolution}", subject=("booking", booking.id), actor=by, cause=cause.kind)
    if offer_matching:
        for client_id in client_ids_of(booking):
            ask_matchmaker(client_id, by=by, now=now)
    close_when_resolved(cause, by=by, now=now)
    return row


def reason_for(cause: Cause) -> str:
    """The code that the booking's end carries."""
    if cause.kind == "planned_leave":
        return LEAVES
    return STOPPED_FOR_GOOD if stop_named(cause.id).kind in FOR_GOOD else STOPPED


def close_when_resolved(cause: Cause, *, by: int | None, now: datetime) -> None:
    """Nothing is left of a planned leave's list. The case of a stop asks for more than its bookings, so a person closes it."""
    if cause.kind == "planned_leave" and not unresolved_of(cause):
        dismiss_cases_about("leaving", cause.subject, outcome="resolved", by=by, now=now)


def ask_matchmaker(client_id: int, *, by: int | None, now: datetime) -> None:
    """Somebody at the desk looks for another therapist together with this client, within a day."""
    subject = ("client_without_therapist", str(client_id))
    if open_case_about("matchmaking", subject) is None:
        open_case("matchmaking", subject=subject, person_id=client_id, due_in=MATCHING_DUE_IN, opened_by=by, now=now)
