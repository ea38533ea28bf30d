"""What therapists stated when they came into question for a list: each version is stored once, under the digest of its text, however many slates name it.

A version says nothing about clients. Which slates name it is sealed with them, so that nobody finds out from here for whom somebody came into question. A
nightly job opens what is kept and forgets the versions that no slate names any more (`forget_unnamed`). A process remembers for one day (UTC) what it knows to
be stored; the job leaves alone what was named within the last two.
"""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import delete, event, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from core.db import db
from matching.models import CandidateFacts, Shortlist
from matching.recorded import Version
from matching.replay import names_versions

LEFT_ALONE = timedelta(days=2)
AT_ONCE = 500
JUST_KEPT = "facts_just_kept"
# By database: the day, and what was committed on it. A process sees few thousand different ones a day; with more it begins again.
_stored: WeakKeyDictionary[Any, tuple[date, set[str]]] = WeakKeyDictionary()
MOST_REMEMBERED = 50_000


def keep_facts(versions: Collection[Version], *, now: datetime) -> None:
    """Store those of them that are not stored yet, in rising order: two who store the same ones wait for each other and never cross."""
    today = now.date()
    known = _remembered(db.session(), today)
    if not (new := {each.digest: each for each in versions if each.digest not in known}):
        return
    rows = [
        {"digest": bytes.fromhex(digest), "therapist_id": each.therapist_id, "facts": each.facts, "named_on": today} for digest, each in sorted(new.items())
    ]
    stored = insert(CandidateFacts).values(rows)
    again = {"named_on": stored.excluded.named_on}
    db.session.execute(stored.on_conflict_do_update(index_elements=["digest"], set_=again, where=CandidateFacts.named_on < stored.excluded.named_on))
    db.session.info.setdefault(JUST_KEPT, (today, set()))[1].update(new)


def facts_named(kept: Mapping[str, Any]) -> dict[str, str]:
    """The versions that a kept slate names, by digest, as far as they are kept."""
    wanted = select(CandidateFacts.digest, CandidateFacts.facts).where(CandidateFacts.digest.in_([bytes.fromhex(digest) for digest, *_ in kept["pool"]]))
    return {digest.hex(): facts for digest, facts in db.session.execute(wanted)}


def forget_unnamed(*, now: datetime) -> int:
    """Delete the versions that no kept slate names; how many there were."""
    long_ago = CandidateFacts.named_on < now.date() - LEFT_ALONE
    old = set(db.session.scalars(select(CandidateFacts.digest).where(long_ago)))
    last = 0
    while old:
        some = db.session.scalars(select(Shortlist).where(Shortlist.id > last).order_by(Shortlist.id).limit(AT_ONCE)).all()
        if not some:
            break
        last = some[-1].id
        old -= {bytes.fromhex(digest) for each in some if each.shown and names_versions(each.shown) for digest, *_ in each.shown["pool"]}
        db.session.expunge_all()
    for first in range(0, len(old), AT_ONCE):
        db.session.execute(delete(CandidateFacts).where(long_ago, CandidateFacts.digest.in_(sorted(old)[first : first + AT_ONCE])))
    return len(old)


def _remembered(session: Session, today: date) -> set[str]:
    day, known = _stored.get(session.get_bind(), (today, set[str]()))
    return known if day == today else set()


@event.listens_for(db.session, "after_commit")
def _remember(session: Session) -> None:
    """What was stored is known once it is committed, and not before."""
    if (kept := session.info.pop(JUST_KEPT, None)) is not None:
        today, new = kept
        known = _remembered(session, today)
        _stored[session.get_bind()] = (today, {*(known if len(known) < MOST_REMEMBERED else ()), *new})


@event.listens_for(db.session, "after_rollback")
def _forget(session: Session) -> None:
    session.info.pop(JUST_KEPT, None)
