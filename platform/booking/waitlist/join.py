"""A client joins the line of a therapist, or leaves it."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import selectinload

from accounts.models import Person
from booking.advance import lock_row
from booking.expire import expire_booking
from booking.hold import release
from booking.openings.availability import Offer, offer_named, second_of
from booking.waitlist.answer_offer import PASSED, open_offer_of
from booking.waitlist.jobs import offer_openings
from booking.waitlist.models import ALIVE, WaitlistEntry, WaitlistTime
from booking.waitlist.openings import services_waited_for, suiting_openings
from booking.waitlist.wishes import Span, TimeWishes, first_flaw
from care.capacity import require_places
from care.doors import require_may_treat
from care.own_booking import require_own_booking
from core import audit
from core.db import db, lock_persons
from core.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from core.http import as_text
from core.zones import local_date
from therapists.models import Therapist

MOST_ENTRIES = 5
SHOWN = 5
LATEST_WITHIN = timedelta(days=366)


class AlreadyWaiting(Conflict):
    code, detail = "already_waiting", "You are on this waitlist already."


class TooManyEntries(TooMany):
    code, detail = "too_many_entries", "You are on five waitlists already. Leave one of them first."


class OpeningsLeft(Conflict):
    """`openings` of the problem document holds the next ones."""

    code, detail = "openings_left", "There are openings that suit you: you can book one of them now."


class NoLineForGroup(Invalid):
    code, detail = "no_line_for_group", "There is no waitlist for groups. Look for another session of it."


class NotWaiting(Conflict):
    code, detail = "not_waiting", "You are not on this waitlist any more. You can join it again."


def join_waitlist(
    client_id: int,
    service_id: uuid.UUID,
    *,
    times: Sequence[Span] = (),
    earliest: date | None = None,
    latest: date | None = None,
    any_of_kind: bool = False,
    now: datetime,
) -> WaitlistEntry:
    """A place at the end of the line. The time wishes are read on the client's own wall clock.

    Whoever keeps a waitlist can be waited for; with everybody else only a client whom they take, and who finds no opening that suits. Refusals: NotFound,
    Forbidden for oneself, those of `require_own_booking`, `may_not_treat`, `paused`, `not_accepting`, OpeningsLeft, AlreadyWaiting, TooManyEntries, Invalid
    for wishes that cannot be met.
    """
    offer = offer_named(service_id)
    if offer is None:
        raise NotFound
    if offer.therapist_id == client_id:
        raise Forbidden
    if offer.seats is not None:
        raise NoLineForGroup
    wishes = _wishes(client_id, times, earliest, latest, now=now)
    require_own_booking(offer.therapist_id, [client_id], by=client_id, unit=offer.unit, now=now)
    require_may_treat(offer.therapist_id, [client_id], kind=offer.kind, unit=offer.unit, mode=offer.mode, at=now, now=now)
    lock_persons(client_id)
    _require_room(client_id, offer)
    _require_waitlist(client_id, offer, wishes, any_of_kind=any_of_kind, now=now)
    entry = WaitlistEntry(public_id=uuid.uuid4(), client_id=client_id, therapist_id=offer.therapist_id, service_id=offer.service_id, state="waiting")
    entry.any_of_kind, entry.zone, entry.earliest, entry.latest = any_of_kind, wishes.zone, earliest, latest
    entry.joined_at = entry.confirmed_at = now
    entry.times = [WaitlistTime(weekday=each.weekday, from_minute=each.from_minute, to_minute=each.to_minute) for each in times]
    db.session.add(entry)
    db.session.flush()
    audit.record("booking.waitlist_joined", subject=("waitlist_entry", entry.public_id), actor=client_id)
    offer_openings.enqueue(therapist_id=offer.therapist_id)
    return entry


def leave_waitlist(public_id: uuid.UUID, *, by: int, now: datetime) -> WaitlistEntry:
    """Give the place up; what was being offered goes to the next one. NotFound when it is not theirs, NotWaiting."""
    entry = entry_under_lock(public_id, client_id=by)
    end_entry(entry, "left", now=now)
    offer = open_offer_of(entry.id)
    if offer is not None:
        booking = lock_row(offer.booking_id)
        if not expire_booking(booking, now=now):
            release(booking, by=by, reason=PASSED, now=now)
    return entry


def entry_under_lock(public_id: uuid.UUID, *, client_id: int) -> WaitlistEntry:
    """A living entry of this client, with the locks of both people. NotFound, NotWaiting."""
    entry = db.session.scalars(select(WaitlistEntry).where(WaitlistEntry.public_id == public_id, WaitlistEntry.client_id == client_id)).one_or_none()
    if entry is None:
        raise NotFound
    lock_persons(entry.therapist_id, client_id)
    locked = select(WaitlistEntry).where(WaitlistEntry.id == entry.id).options(selectinload(WaitlistEntry.times)).with_for_update(of=WaitlistEntry)
    entry = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if entry.state not in ALIVE:
        raise NotWaiting
    return entry


def end_entry(entry: WaitlistEntry, state: str, *, now: datetime) -> None:
    """The end of a place in the line that its client wished for."""
    entry.state, entry.ended_at = state, now
    db.session.flush()
    audit.record(f"booking.waitlist_{state}", subject=("waitlist_entry", entry.public_id), actor=entry.client_id)


def _wishes(client_id: int, times: Sequence[Span], earliest: date | None, latest: date | None, *, now: datetime) -> TimeWishes:
    zone = db.session.get_one(Person, client_id).zone
    today = local_date(zone, second_of(now))
    flaw = first_flaw(times)
    errors = {} if flaw is None else {f"times.{flaw}": ["Must end after it begins, within its day, and not overlap another one."]}
    if latest is not None and not max(today, earliest or today) <= latest <= today + LATEST_WITHIN:
        errors["latest"] = ["Must not be over, nor before the earliest date, nor more than a year ahead."]
    if earliest is not None and earliest > today + LATEST_WITHIN:
        errors["earliest"] = ["Must not be more than a year ahead."]
    if errors:
        raise Invalid(errors=errors)
    return TimeWishes(zone, tuple(times), earliest, latest)


def _require_room(client_id: int, offer: Offer) -> None:
    mine = (WaitlistEntry.client_id == client_id, WaitlistEntry.state.in_(ALIVE))
    if db.session.scalar(select(func.count()).where(*mine, WaitlistEntry.service_id == offer.service_id)):
        raise AlreadyWaiting
    if (db.session.scalar(select(func.count()).where(*mine)) or 0) >= MOST_ENTRIES:
        raise TooManyEntries(extra={"limit": MOST_ENTRIES})


def _require_waitlist(client_id: int, offer: Offer, wishes: TimeWishes, *, any_of_kind: bool, now: datetime) -> None:
    if db.session.scalar(select(Therapist.waitlist_open).where(Therapist.person_id == offer.therapist_id)):
        return
    require_places(offer.therapist_id, [client_id])
    services = services_waited_for(offer.service_id, any_of_kind=any_of_kind)
    if found := suiting_openings(services, wishes, client_id=client_id, now=now):
        raise OpeningsLeft(extra={"openings": [as_text(start) for start, _ in found[:SHOWN]]})
