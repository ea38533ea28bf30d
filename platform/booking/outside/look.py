"""A look at a therapist's own calendar: what is asked, what it says is busy, or why it could not be read. Doors put the transactions around the call."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, union

from booking.models import Booking, BookingParticipant
from booking.openings.intervals import Interval
from booking.outside.busy import NotACalendar, TooMuch, read_busy
from booking.outside.models import OutsideCalendar
from booking.series.models import Series
from core.configuration import setting
from core.db import db
from core.outside_fetch import Fetched, FetchFailed, Validators, fetch
from core.public_address import AddressRefused
from core.zones import tzdata_version
from therapists.models import Therapist

# Read a little of the past and beyond every booking window (730 days), so that an unchanged calendar need not be read again each day.
BACK, AHEAD, NEEDED = timedelta(days=2), timedelta(days=760), timedelta(days=732)
READER = 1  # rises when the same file would be read differently
UID_LENGTH = 36
IsOwn = Callable[[str], bool]


class NotRead(Exception):
    """The calendar could not be read. `reason` is a code of the address, the fetch or the file; `refused` says that the address may never be asked."""

    def __init__(self, reason: str, *, refused: bool = False) -> None:
        super().__init__(reason)
        self.reason, self.refused = reason, refused


@dataclass(frozen=True, slots=True)
class Errand:
    """What is to be looked at, and with what in mind; made in a transaction, used without one."""

    therapist_id: int
    address: str
    zone: str
    tentative_blocks: bool
    known: Validators
    at: datetime

    @property
    def read_as(self) -> str:
        return f"{READER}:{tzdata_version()}:{self.zone}:{int(self.tentative_blocks)}"

    @property
    def window(self) -> Interval:
        return int((self.at - BACK).timestamp()), int((self.at + AHEAD).timestamp())


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read; `busy` is None when nothing has changed since the last time."""

    busy: list[Interval] | None
    skipped: dict[str, int]
    validators: Validators


def first_errand(therapist: Therapist, address: str, *, tentative_blocks: bool, now: datetime) -> Errand:
    """To a calendar that is not known yet."""
    return Errand(therapist.person_id, address, therapist.zone, tentative_blocks, Validators(), now)


def errand_to(calendar: OutsideCalendar, *, now: datetime) -> Errand:
    """To a known one; asks for news only, unless what was read before does not suffice any more."""
    zone = db.session.execute(select(Therapist.zone).where(Therapist.person_id == calendar.therapist_id)).scalar_one()
    assert calendar.address is not None
    errand = Errand(calendar.therapist_id, calendar.address, zone, calendar.tentative_blocks, Validators(calendar.etag, calendar.last_modified), now)
    if calendar.read_as == errand.read_as and calendar.read_until >= now + NEEDED:
        return errand
    return Errand(errand.therapist_id, errand.address, zone, errand.tentative_blocks, Validators(), now)


def ask(errand: Errand) -> Fetched:
    """Call the server; with no transaction open. NotRead when it gives no answer, or may not be asked."""
    try:
        fetched = fetch(errand.address, errand.known, accept="text/calendar, text/plain;q=0.5", loopback=_loopback())
    except AddressRefused as refusal:
        raise NotRead(refusal.reason, refused=True) from refusal
    except FetchFailed as failure:
        raise NotRead(failure.reason) from failure
    if fetched.content is None and not errand.known.headers():
        raise NotRead("status_304")
    return fetched


def own_bookings(person_id: int) -> IsOwn:
    """Whether a UID is one that we gave to a booking of this person or to their series, also with what calendars append to it.

    To be asked after the answer is there: it may already hold a booking that was made while it was fetched.
    """
    attended = select(BookingParticipant.booking_id).where(BookingParticipant.person_id == person_id)
    gives_or_attends = select(Booking.calendar_uid).where(or_(Booking.therapist_id == person_id, Booking.id.in_(attended)))
    # A series all of whose dates went to another one is still in calendars under its own name.
    attended_series = select(Booking.series_id).where(Booking.id.in_(attended))
    of_series = select(Series.calendar_uid).where(or_(Series.therapist_id == person_id, Series.id.in_(attended_series)))
    uids = frozenset(db.session.scalars(union(gives_or_attends, of_series)))
    return lambda uid: uid[:UID_LENGTH].lower() in uids


def read(errand: Errand, fetched: Fetched, is_own: IsOwn) -> Reading:
    """What the answer says. NotRead for one that cannot be trusted as a whole, so that a bad answer never frees time."""
    if fetched.content is None:
        return Reading(None, {}, errand.known)
    try:
        found = read_busy(fetched.content, owner_zone=errand.zone, window=errand.window, tentative_blocks=errand.tentative_blocks, is_own=is_own)
    except NotACalendar as error:
        raise NotRead("not_a_calendar") from error
    except TooMuch as error:
        raise NotRead("too_much") from error
    if not found.whole:
        raise NotRead("cut_off")
    return Reading(found.busy, found.skipped, fetched.validators)


def _loopback() -> list[str]:
    return [each for each in setting("LOOPBACK_CALENDARS").split(",") if each]
