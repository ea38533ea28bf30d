"""A therapist's own calendars as busy time: subscribe, list, change, look again, remove."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from accounts.throttle import count_attempt
from booking.openings.availability import instant_of
from booking.outside.collisions import note_collisions
from booking.outside.look import AHEAD, Errand, NotRead, Reading, first_errand
from booking.outside.models import OutsideCalendar, OutsideInterval
from core.db import db, lock_persons
from core.errors import Conflict, Invalid, NotFound
from therapists.models import Therapist

MOST_CALENDARS = 10
TRIES, TRIES_WITHIN = 20, timedelta(hours=1)
# "Look again" is heard once in this time.
SHORTEST_PAUSE = timedelta(minutes=1)

REFUSED = {
    "unreadable": "This is not an address.",
    "not_https": "Give an address that begins with https:// or webcal://.",
    "credentials": "An address with a name and password in it is not accepted. Use the private address that your calendar offers.",
    "not_a_name": "Give an address with the name of a server.",
    "port": "This address names a port that is not asked.",
    "inward": "This address does not lead to a public server.",
}
UNREADABLE = {
    "timeout": "The calendar took too long to answer. Please try again later.",
    "no_such_host": "There is no server of this name.",
    "untrusted": "The server could not prove that it is the one of this name.",
    "too_large": "The calendar is larger than 2 MB.",
    "too_much": "The calendar holds more than can be read.",
    "not_a_calendar": "What lies there is not a calendar. Use the private address in iCal format that your calendar offers.",
    "cut_off": "The calendar ended early. Please try again later.",
    "redirects": "The address led on too often.",
}


class TooManyCalendars(Conflict):
    code, detail = "too_many_calendars", f"At most {MOST_CALENDARS} calendars. Please remove one first."


class AlreadySubscribed(Conflict):
    code, detail = "already_subscribed", "You have subscribed this calendar already."


def prepare(therapist_id: int, address: str, *, tentative_blocks: bool, now: datetime) -> Errand:
    """Whether this calendar may be added at all, before anybody is asked. Refusals: NotFound without a profile, TooMany, TooManyCalendars,
    AlreadySubscribed, and AddressRefused for the address itself.
    """
    count_attempt(f"outside-calendar:{therapist_id}", limit=TRIES, window=TRIES_WITHIN, now=now)
    therapist = db.session.get(Therapist, therapist_id)
    if therapist is None:
        raise NotFound
    _require_new(therapist_id, address)
    return first_errand(therapist, address, tentative_blocks=tentative_blocks, now=now)


def refuse(failure: NotRead) -> Invalid:
    """What is told of a calendar that cannot be added: 422 `address_refused`, or `calendar_unreadable` with its reason."""
    if failure.refused:
        return Invalid(code="address_refused", errors={"address": [REFUSED.get(failure.reason, REFUSED["unreadable"])]})
    message = UNREADABLE.get(failure.reason, "The server did not give the calendar.")
    return Invalid(code="calendar_unreadable", errors={"address": [message]}, extra={"reason": failure.reason})


def add_calendar(errand: Errand, reading: Reading, *, now: datetime) -> OutsideCalendar:
    """Subscribe a calendar that was read; its busy time counts from now on. Refusals as in `prepare`."""
    lock_persons(errand.therapist_id)
    _require_new(errand.therapist_id, errand.address)
    calendar = OutsideCalendar(public_id=uuid.uuid4(), therapist_id=errand.therapist_id, tentative_blocks=errand.tentative_blocks, failures=0)
    calendar.address = errand.address
    calendar.created_at = calendar.tried_at = calendar.good_at = now
    calendar.due_at = now + timedelta(minutes=15)
    calendar.read_as, calendar.read_until, calendar.skipped = errand.read_as, errand.at + AHEAD, {}
    db.session.add(calendar)
    db.session.flush()
    keep_reading(calendar, errand, reading, now=now)
    return calendar


def keep_reading(calendar: OutsideCalendar, errand: Errand, reading: Reading, *, now: datetime) -> None:
    """Put what was read in the place of what was read before, in one step, and note what of it is new and lies over a booking.

    The caller holds the owner's lock, so that no booking slips in between.
    """
    calendar.etag, calendar.last_modified = reading.validators.etag, reading.validators.last_modified
    if reading.busy is None:
        return
    calendar.read_as, calendar.read_until, calendar.skipped = errand.read_as, errand.at + AHEAD, dict(reading.skipped)
    before = {
        (int(start.timestamp()), int(end.timestamp())): row_id
        for row_id, start, end in db.session.execute(
            select(OutsideInterval.id, OutsideInterval.starts_at, OutsideInterval.ends_at).where(OutsideInterval.calendar_id == calendar.id)
        )
    }
    new = [interval for interval in reading.busy if interval not in before]
    gone = list(before.keys() - set(reading.busy))
    if gone:
        db.session.execute(delete(OutsideInterval).where(OutsideInterval.id.in_([before[interval] for interval in gone])))
    if new:
        whose = {"calendar_id": calendar.id, "therapist_id": calendar.therapist_id}
        db.session.execute(insert(OutsideInterval), [{**whose, "starts_at": instant_of(start), "ends_at": instant_of(end)} for start, end in new])
        note_collisions(calendar, new, now=now)


def calendars_of(therapist_id: int) -> Sequence[OutsideCalendar]:
    """A therapist's calendars, oldest first; never more than ten."""
    return db.session.scalars(select(OutsideCalendar).where(OutsideCalendar.therapist_id == therapist_id).order_by(OutsideCalendar.id)).all()


def own_calendar(therapist_id: int, public_id: uuid.UUID) -> OutsideCalendar:
    """NotFound for anybody else's."""
    wanted = select(OutsideCalendar).where(OutsideCalendar.therapist_id == therapist_id, OutsideCalendar.public_id == public_id)
    found = db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return found


def set_tentative(therapist_id: int, public_id: uuid.UUID, *, tentative_blocks: bool, now: datetime) -> OutsideCalendar:
    """Whether tentative events block; counts from the next look on, which is made now."""
    calendar = own_calendar(therapist_id, public_id)
    if calendar.tentative_blocks != tentative_blocks:
        calendar.tentative_blocks = tentative_blocks
        _look_now(calendar, now=now)
    return calendar


def look_again(therapist_id: int, public_id: uuid.UUID, *, now: datetime) -> OutsideCalendar:
    """Look now instead of when it is due; asked again within a minute, nothing more happens."""
    calendar = own_calendar(therapist_id, public_id)
    if calendar.tried_at + SHORTEST_PAUSE <= now:
        _look_now(calendar, now=now)
    return calendar


def remove_calendar(therapist_id: int, public_id: uuid.UUID) -> None:
    """Its busy time counts no longer, and nothing of it is kept."""
    lock_persons(therapist_id)
    db.session.execute(delete(OutsideCalendar).where(OutsideCalendar.id == own_calendar(therapist_id, public_id).id))


def shown_address(calendar: OutsideCalendar) -> str:
    """The server and the last four letters: enough to know it by, too little to read it."""
    assert calendar.address is not None
    host = calendar.address.partition("//")[2].partition("/")[0].partition("?")[0]
    return f"{host}/…{calendar.address[-4:]}"


def _look_now(calendar: OutsideCalendar, *, now: datetime) -> None:
    from booking.outside.jobs import refresh_outside  # it keeps what it reads through this file

    calendar.tried_at = now
    refresh_outside.enqueue(calendar_id=calendar.id)


def _require_new(therapist_id: int, address: str) -> None:
    count = db.session.execute(select(func.count()).where(OutsideCalendar.therapist_id == therapist_id)).scalar_one()
    if count >= MOST_CALENDARS:
        raise TooManyCalendars
    if any(each.address == address for each in calendars_of(therapist_id)):
        raise AlreadySubscribed
