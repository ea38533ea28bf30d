"""Whoever waits is asked every 14 days whether they are still looking; without an answer within five days their place is free for others."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from accounts.links import LinkUnknown
from booking.waitlist.answer_offer import remove_entry
from booking.waitlist.join import entry_under_lock, leave_waitlist
from booking.waitlist.letters import ask_by_mail
from booking.waitlist.models import WaitlistEntry
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import periodic
from core.tokens import digest_of, new_token

ASKED_EVERY = timedelta(days=14)
ANSWER_WITHIN = timedelta(days=5)
AT_ONCE = 200
DAY = timedelta(days=1)


def ask_who_still_looks(*, now: datetime) -> None:
    """Ask whoever is due, and take away who did not answer or whose dates are over; called by a job. While something is offered nobody is asked."""
    # A date that is two days old by UTC is over on every wall clock.
    over = (WaitlistEntry.latest < (now - DAY).date(),)
    silent = (WaitlistEntry.asked_at <= now - ANSWER_WITHIN,)
    for reason, due in (("dates_over", over), ("unanswered", silent)):
        for entry in _waiting(*due):
            remove_entry(entry, reason, now=now)
    for entry in _waiting(WaitlistEntry.asked_at.is_(None), WaitlistEntry.confirmed_at <= now - ASKED_EVERY):
        token = new_token()
        entry.asked_at, entry.asked_digest = now, token.digest
        db.session.flush()
        ask_by_mail(entry, secret=token.secret, answer_by=now + ANSWER_WITHIN, now=now)


@periodic("20 * * * *", "booking.ask_who_still_looks")
def ask_waiting() -> None:
    """By the clock, in small portions."""
    ask_who_still_looks(now=now_of_transaction())


def say_still_looking(public_id: uuid.UUID, *, by: int, now: datetime) -> WaitlistEntry:
    """Yes. NotFound when the entry is not theirs, NotWaiting."""
    entry = entry_under_lock(public_id, client_id=by)
    entry.confirmed_at, entry.asked_at = now, None
    db.session.flush()
    return entry


def answer_by_link(secret: str, *, looking: bool, now: datetime) -> WaitlistEntry:
    """Take the holder of the link at their word. LinkUnknown, NotWaiting."""
    entry = db.session.scalars(select(WaitlistEntry).where(WaitlistEntry.asked_digest == digest_of(secret))).one_or_none()
    if entry is None:
        raise LinkUnknown
    act = say_still_looking if looking else leave_waitlist
    return act(entry.public_id, by=entry.client_id, now=now)


def _waiting(*due: object) -> list[WaitlistEntry]:
    """Each row with its lock; one that somebody else works on is left for the next time."""
    wanted = select(WaitlistEntry).where(WaitlistEntry.state == "waiting", *due).order_by(WaitlistEntry.id).limit(AT_ONCE)  # type: ignore[arg-type]
    locked = wanted.with_for_update(of=WaitlistEntry, skip_locked=True).execution_options(populate_existing=True)
    return list(db.session.scalars(locked))
