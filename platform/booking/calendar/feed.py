"""Private feeds: who has one, under which secret, and what a program that knows the secret is given.

Whoever has the address can read the feed, so it says little: when, and the title that its owner chose. The secret is shown once and kept as a digest; a new
one makes the old address stop at once, as does giving the feed up or the closing of the account.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.elements import ColumnElement

from accounts.models import Account
from accounts.throttle import count_attempt
from booking.calendar.feed_entries import entries_of
from booking.calendar.feed_models import CalendarFeed
from booking.calendar.invitation import Appointment
from booking.expire import HOLD_OVER
from booking.letters import CALENDAR_STATUS
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.series.invitation import SeriesEntry
from core import audit
from core.db import db
from core.errors import Forbidden, NotFound
from core.tokens import digest_of, new_token

BACK, AHEAD = timedelta(days=90), timedelta(days=400)
# So long something called off is shown as such: programs that were asleep take it out, instead of keeping what they had.
ENDED_SHOWN = timedelta(days=30)
# More than a dozen devices need; each look reads the whole feed.
LOOKS, LOOKS_WINDOW = 120, timedelta(hours=1)
# Nothing that a calendar was told of.
UNTOLD = or_(Booking.state.in_([State.HELD.value, State.RELEASED.value]), func.coalesce(Booking.end_reason, "") == HOLD_OVER)


def make_feed(person_id: int, side: str, *, shows: str | None, roles: frozenset[str], now: datetime) -> tuple[CalendarFeed, str]:
    """The feed with a new secret, which its address carries; an address that was given out before stops. `shows` None keeps what was chosen.

    Forbidden for the side of therapists without that role, and for a client's feed that is to name people.
    """
    _require_side(side, shows, roles)
    token = new_token()
    row = {"person_id": person_id, "side": side, "digest": token.digest, "shows": shows or "nothing", "made_at": now}
    anew = {"digest": token.digest, "made_at": now, **({"shows": shows} if shows else {})}
    written = insert(CalendarFeed).values(row).on_conflict_do_update(index_elements=["person_id", "side"], set_=anew)
    db.session.execute(written)
    audit.record("booking.feed_made", subject=("person", person_id), side=side)
    return feed_of(person_id, side), token.secret


def choose_names(person_id: int, side: str, shows: str, *, roles: frozenset[str]) -> CalendarFeed:
    """What the feed says of clients from now on; its address stays. NotFound without one; Forbidden as in `make_feed`."""
    _require_side(side, shows, roles)
    feed = feed_of(person_id, side)
    feed.shows = shows
    audit.record("booking.feed_names_chosen", subject=("person", person_id), side=side, shows=shows)
    return feed


def give_up_feed(person_id: int, side: str) -> None:
    """Its address stops at once. NotFound without one."""
    db.session.delete(feed_of(person_id, side))
    db.session.flush()
    audit.record("booking.feed_given_up", subject=("person", person_id), side=side)


def feed_of(person_id: int, side: str) -> CalendarFeed:
    """NotFound when this person has none of this side."""
    wanted = select(CalendarFeed).where(CalendarFeed.person_id == person_id, CalendarFeed.side == side)
    feed = db.session.execute(wanted.execution_options(populate_existing=True)).scalar_one_or_none()
    if feed is None:
        raise NotFound
    return feed


def feeds_of(person_id: int) -> Sequence[CalendarFeed]:
    """All of one person's, without their secrets."""
    return db.session.execute(select(CalendarFeed).where(CalendarFeed.person_id == person_id).order_by(CalendarFeed.side)).scalars().all()


def read_feed(secret: str, *, now: datetime) -> Sequence[Appointment | SeriesEntry]:
    """What the calendar behind this secret shows: from 90 days back to 400 ahead, in the order of their starts, and for 30 days what was called off. A series
    of which anything lies there is shown whole.

    NotFound for a secret that nobody has (any more) and for an account that is closed; TooMany after `LOOKS` in an hour.
    """
    live = select(CalendarFeed).join(Account, Account.person_id == CalendarFeed.person_id).where(Account.disabled_at.is_(None))
    feed = db.session.execute(live.where(CalendarFeed.digest == digest_of(secret))).scalar_one_or_none()
    if feed is None:
        raise NotFound
    count_attempt(f"calendar_feed:{feed.id}", limit=LOOKS, window=LOOKS_WINDOW, now=now)
    return entries_of(_bookings(feed, now=now), feed, now=now)


def _require_side(side: str, shows: str | None, roles: frozenset[str]) -> None:
    if (side == "therapist" and "therapist" not in roles) or (side == "client" and shows not in (None, "nothing")):
        raise Forbidden


def _bookings(feed: CalendarFeed, *, now: datetime) -> Sequence[Booking]:
    gone = Booking.left.any(and_(BookingParticipant.person_id == feed.person_id, BookingParticipant.left_at > now - ENDED_SHOWN))
    attends = or_(Booking.participants.any(BookingParticipant.person_id == feed.person_id), gone)
    whose: ColumnElement[bool] = Booking.therapist_id == feed.person_id if feed.side == "therapist" else attends
    lasting = [state.value for state in State if CALENDAR_STATUS.get(state, "CONFIRMED") != "CANCELLED"]
    recent = or_(Booking.state.in_(lasting), Booking.changed_at > now - ENDED_SHOWN)
    told = and_(whose, recent, ~UNTOLD)
    within = and_(Booking.ends_at > now - BACK, Booking.starts_at < now + AHEAD)
    series = select(Booking.series_id).where(told, within, Booking.series_id.is_not(None))
    people = (selectinload(each).joinedload(BookingParticipant.person) for each in (Booking.participants, Booking.left))
    wanted = select(Booking).where(told, or_(within, Booking.series_id.in_(series))).order_by(Booking.starts_at, Booking.id)
    return db.session.execute(wanted.options(*people, joinedload(Booking.series))).scalars().all()
