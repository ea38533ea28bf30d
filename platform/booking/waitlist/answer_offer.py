"""The answer to an offer of the waitlist, and what becomes of one that nobody answers. An offer has one outcome."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.links import LinkUnknown
from booking.advance import lock_booking
from booking.freed import Freed
from booking.hold import NOT_FOR_NOW, confirm_hold, release
from booking.lifecycle import State
from booking.models import Booking
from booking.waitlist.jobs import offer_openings
from booking.waitlist.letters import write_removal
from booking.waitlist.models import ALIVE, WaitlistEntry, WaitlistOffer
from core import audit
from core.db import after_refusal, db
from core.errors import Conflict, NotFound
from core.tokens import digest_of

PASSED, NOT_BOOKABLE = "passed", "not_bookable"
MOST_LAPSES = 3


class NothingOffered(Conflict):
    code, detail = "nothing_offered", "Nothing is being offered to you on this waitlist now."


def offer_behind(secret: str) -> WaitlistOffer:
    """The offer that a mailed link belongs to, with its entry and booking; LinkUnknown."""
    wanted = select(WaitlistOffer).where(WaitlistOffer.digest == digest_of(secret))
    wanted = wanted.options(joinedload(WaitlistOffer.entry), joinedload(WaitlistOffer.booking))
    offer = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if offer is None:
        raise LinkUnknown
    return offer


def offer_to(client_id: int, entry_id: uuid.UUID) -> WaitlistOffer:
    """What is being offered on this entry of theirs. NotFound when it is not theirs, NothingOffered."""
    entry = db.session.scalars(select(WaitlistEntry).where(WaitlistEntry.public_id == entry_id, WaitlistEntry.client_id == client_id)).one_or_none()
    if entry is None:
        raise NotFound
    offer = open_offer_of(entry.id)
    if offer is None:
        raise NothingOffered
    return offer


def open_offer_of(entry_id: int) -> WaitlistOffer | None:
    """The one offer of an entry that has no outcome yet."""
    return db.session.scalars(select(WaitlistOffer).where(WaitlistOffer.entry_id == entry_id, WaitlistOffer.outcome.is_(None))).one_or_none()


def accept_offer(offer: WaitlistOffer, *, now: datetime) -> Booking:
    """The held opening becomes a booking, confirmed or requested as its service says; the place in the line is given up for it.

    Refusals are those of `confirm_hold`: HoldExpired once its clock has run out, BookingEnded or StepNotPossible when it was answered, OpeningTaken when
    the client has something else at that time, `too_many_open`. Where it can come to nothing, the offer is withdrawn, and is no lapse.
    """
    booking = lock_booking(offer.booking_id)
    entry = _lock_entry(offer.entry_id)
    try:
        confirm_hold(booking, by=entry.client_id, now=now)
    except NOT_FOR_NOW:
        after_refusal(partial(_withdraw, booking.id, now=now))
        raise
    _end(offer, "accepted", now=now)
    entry.state, entry.ended_at = "fulfilled", now
    db.session.flush()
    audit.record("booking.waitlist_fulfilled", subject=("waitlist_entry", entry.public_id), actor=entry.client_id)
    return booking


def accept_paid(booking: Booking, *, now: datetime) -> None:
    """What was offered has been paid for; the caller holds the lock of the booking."""
    accept_offer(db.session.scalars(select(WaitlistOffer).where(WaitlistOffer.booking_id == booking.id)).one(), now=now)


def pass_offer(offer: WaitlistOffer, *, now: datetime) -> None:
    """No, thank you: the next one in line is asked, and they keep their place. Refused as `hold.release` refuses."""
    booking = lock_booking(offer.booking_id)
    release(booking, by=_lock_entry(offer.entry_id).client_id, reason=PASSED, now=now)


def hear_freed(freed: Sequence[Freed], now: datetime) -> None:
    """Time is free again: settle what was offered of it, and ask those who wait. Connected to `freed`."""
    for booking, before in freed:
        if booking.held_for == "offer":
            _settle(booking, before, now=now)
    # What is past nobody could take.
    for therapist_id in sorted({booking.therapist_id for booking, _ in freed if booking.starts_at > now}):
        waits = select(WaitlistEntry.id).where(WaitlistEntry.therapist_id == therapist_id, WaitlistEntry.state.in_(ALIVE))
        if db.session.execute(waits.limit(1)).first() is not None:
            offer_openings.enqueue(therapist_id=therapist_id)


def remove_entry(entry: WaitlistEntry, reason: str, *, now: datetime) -> None:
    """A rule ends the place in the line; its client is told, and can join again."""
    entry.state, entry.ended_at, entry.end_reason = "removed", now, reason
    db.session.flush()
    audit.record("booking.waitlist_removed", subject=("waitlist_entry", entry.public_id), reason=reason)
    write_removal(entry, now=now)


def _settle(booking: Booking, before: State, *, now: datetime) -> None:
    offer = db.session.scalars(select(WaitlistOffer).where(WaitlistOffer.booking_id == booking.id)).one_or_none()
    if offer is None:
        return
    entry = _lock_entry(offer.entry_id)
    if before is State.HELD and booking.stands in {State.EXPIRED, State.RELEASED}:
        lapsed = booking.stands is State.EXPIRED
        _end(offer, "lapsed" if lapsed else "passed" if booking.end_reason == PASSED else "withdrawn", now=now)
        _back_in_line(entry, offer, now=now)
    elif before is State.REQUESTED and booking.stands is State.EXPIRED:
        _restore(entry)


def _back_in_line(entry: WaitlistEntry, offer: WaitlistOffer, *, now: datetime) -> None:
    if entry.state != "offered":
        return
    entry.state = "waiting"
    if offer.outcome == "passed":
        entry.confirmed_at, entry.asked_at = now, None  # whoever answers is still looking
    if offer.outcome == "lapsed":
        entry.lapses += 1
    db.session.flush()
    if entry.lapses >= MOST_LAPSES:
        remove_entry(entry, "lapsed_often", now=now)


def _restore(entry: WaitlistEntry) -> None:
    """Nobody answered what they had accepted: they have their old place again, unless they have taken a new one."""
    again = (WaitlistEntry.client_id == entry.client_id, WaitlistEntry.service_id == entry.service_id, WaitlistEntry.state.in_(ALIVE))
    if entry.state == "fulfilled" and db.session.execute(select(WaitlistEntry.id).where(*again)).first() is None:
        entry.state, entry.ended_at = "waiting", None
        db.session.flush()


def _end(offer: WaitlistOffer, outcome: str, *, now: datetime) -> None:
    offer.outcome, offer.outcome_at = outcome, now
    db.session.flush()
    audit.record(f"booking.waitlist_offer_{outcome}", subject=("booking", offer.booking_id))


def _lock_entry(entry_id: int) -> WaitlistEntry:
    """The caller holds the locks of its people."""
    locked = select(WaitlistEntry).where(WaitlistEntry.id == entry_id).with_for_update(of=WaitlistEntry).execution_options(populate_existing=True)
    return db.session.scalars(locked).one()


def _withdraw(booking_id: int, *, now: datetime) -> None:
    booking = lock_booking(booking_id)
    if booking.stands is State.HELD:
        release(booking, by=None, reason=NOT_BOOKABLE, now=now)
