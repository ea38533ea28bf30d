"""Openings are offered to those who wait, in the order in which they came: each opening to one person at a time, and kept for them meanwhile.

Nothing is judged here that the write path does not judge again under the locks: time, whether the therapist may treat this person, a place for them.
"""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import selectinload

from accounts.models import Account, Person
from booking.expire import expire
from booking.lifecycle import State
from booking.models import Booking
from booking.openings.availability import Offer, instant_of, second_of
from booking.place import Wanted, place
from booking.waitlist.letters import write_offer
from booking.waitlist.models import WaitlistEntry, WaitlistOffer
from booking.waitlist.offer_clock import offer_ends_at
from booking.waitlist.openings import services_waited_for, suiting_openings
from care.capacity import is_open_to
from care.doors import refusals_of
from core import audit
from core.db import db, lock_persons
from core.errors import DomainError
from core.tokens import new_token

log = structlog.get_logger()

# Whoever let an offer run out is left in peace for a day; nobody is written to more often than this in one.
DAY = timedelta(days=1)
MOST_A_DAY = 3
LOOKED_AT = 50  # entries of one line, in one transaction
TRIED = 5  # openings of one entry
SECOND = timedelta(seconds=1)


def offer_next(therapist_id: int, *, after: int, now: datetime) -> int | None:
    """Offer one opening to the first one behind the entry `after` whom one suits. Returns the entry from which the line goes on; None at its end.

    One offer is one transaction, with the locks of two people: more would be taken out of order.
    """
    line = select(WaitlistEntry).where(WaitlistEntry.therapist_id == therapist_id, WaitlistEntry.state == "waiting", WaitlistEntry.id > after)
    line = line.options(selectinload(WaitlistEntry.times)).order_by(WaitlistEntry.id).limit(LOOKED_AT)
    entries = db.session.scalars(line.execution_options(populate_existing=True)).all()
    for entry in entries:
        chosen = None if _rests(entry, now=now) else _opening_for(entry, now=now)
        if chosen is not None:
            _offer(entry, *chosen, now=now)
            return entry.id
    return entries[-1].id if len(entries) == LOOKED_AT else None


def _rests(entry: WaitlistEntry, *, now: datetime) -> bool:
    """Also whoever cannot be written to."""
    since = now - DAY
    lately = select(func.count(), func.count().filter(WaitlistOffer.outcome == "lapsed")).select_from(WaitlistOffer).join(WaitlistEntry, _offered_to(entry))
    recent = or_(WaitlistOffer.offered_at > since, WaitlistOffer.outcome_at > since)
    offers, lapsed = db.session.execute(lately.where(recent)).one()
    if lapsed or offers >= MOST_A_DAY:
        return True
    reachable = (Account.person_id == entry.client_id, Account.email_confirmed_at.is_not(None), Account.disabled_at.is_(None))
    return db.session.execute(select(Account.person_id).where(*reachable)).first() is None


def _opening_for(entry: WaitlistEntry, *, now: datetime) -> tuple[datetime, Offer] | None:
    """The soonest opening that suits, was not offered to them before, and at which this therapist may treat them."""
    if not is_open_to(entry.therapist_id, entry.client_id):
        return None
    services = services_waited_for(entry.service_id, any_of_kind=entry.any_of_kind)
    seen = select(Booking.starts_at).join(WaitlistOffer, WaitlistOffer.booking_id == Booking.id).join(WaitlistEntry, _offered_to(entry))
    offered = set(db.session.scalars(seen.where(WaitlistOffer.outcome != "withdrawn", Booking.starts_at > now)))
    fresh = [each for each in suiting_openings(services, entry.wishes, client_id=entry.client_id, now=now) if each[0] not in offered]
    return next(((start, offer) for start, offer in fresh[:TRIED] if _may_treat(offer, entry.client_id, start, now=now)), None)


def _offered_to(entry: WaitlistEntry) -> ColumnElement[bool]:
    """Also on places in this line that they had before: leaving and joining again starts nothing anew."""
    same = (WaitlistEntry.client_id == entry.client_id, WaitlistEntry.therapist_id == entry.therapist_id)
    return and_(WaitlistEntry.id == WaitlistOffer.entry_id, *same)


def _may_treat(offer: Offer, client_id: int, start: datetime, *, now: datetime) -> bool:
    refusals = refusals_of([offer.therapist_id], [client_id], kind=offer.kind, unit=offer.unit, mode=offer.mode, at=start, now=now)
    return not refusals[offer.therapist_id]


def _offer(entry: WaitlistEntry, start: datetime, offer: Offer, *, now: datetime) -> None:
    """Keep the opening for them and write to them; nothing happens when the write path knows better by now."""
    lock_persons(entry.therapist_id, entry.client_id)
    locked = select(WaitlistEntry).where(WaitlistEntry.id == entry.id).with_for_update(of=WaitlistEntry)
    entry = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if entry.state != "waiting":
        return
    zone = db.session.get_one(Person, entry.client_id).zone
    ends_at = instant_of(offer_ends_at(int(now.timestamp()), second_of(start), zone))
    wanted = Wanted(offer, start, (entry.client_id,), offer.terms.minutes, by=None)
    try:
        booking = place(wanted, State.HELD, lapses_at=ends_at, held_for="offer", now=now)
    except DomainError as refusal:
        log.info("waitlist_offer_refused", entry=entry.id, code=refusal.code)
        return
    token = new_token()
    made = WaitlistOffer(entry_id=entry.id, booking_id=booking.id, digest=token.digest, offered_at=now, expires_at=ends_at)
    db.session.add(made)
    entry.state = "offered"
    db.session.flush()
    audit.record("booking.waitlist_offered", subject=("waitlist_entry", entry.public_id), booking=booking.id)
    expire.enqueue_at(ends_at + SECOND, booking_id=booking.id)
    write_offer(made, booking, secret=token.secret, now=now)
