"""Server-side sessions: a browser is signed in as long as its row says so.

Limits (OWASP ASVS 5.0, 7.3; the strictest of a person's roles counts, and they are read anew in every request): clients 60 idle minutes and 14 days,
therapists 30 minutes and 12 hours (NIST SP 800-63B-4, AAL2), staff 15 minutes and 12 hours.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ARRAY, String, bindparam, cast, func, select, update

from accounts.models import Account, RoleGrant, SignInSession
from core.db import db
from core.errors import NotFound
from core.reading import Glance
from core.tokens import digest_of, new_token

# Seen is written at most this often, and never inside the transaction of a request.
SEEN_EVERY = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Limits:
    idle: timedelta
    whole: timedelta


CLIENT = Limits(timedelta(minutes=60), timedelta(days=14))
LIMITS = {
    "client": CLIENT,
    "therapist": Limits(timedelta(minutes=30), timedelta(hours=12)),
    "verifier": Limits(timedelta(minutes=15), timedelta(hours=12)),
    "matchmaker": Limits(timedelta(minutes=15), timedelta(hours=12)),
    "safety_responder": Limits(timedelta(minutes=15), timedelta(hours=12)),
    "admin": Limits(timedelta(minutes=15), timedelta(hours=12)),
}


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that holds, with what its caller is now."""

    id: int
    person_id: int
    roles: frozenset[str]
    email_confirmed: bool
    last_seen_at: datetime


def limits_for(roles: frozenset[str]) -> Limits:
    """The strictest idle and whole length among the roles."""
    all_of_them = [LIMITS[role] for role in roles] or [CLIENT]
    return Limits(min(limits.idle for limits in all_of_them), min(limits.whole for limits in all_of_them))


def start_session(person_id: int, *, roles: frozenset[str], now: datetime) -> tuple[SignInSession, str]:
    """A new session and its secret reference, which goes into the cookie."""
    token = new_token()
    started = SignInSession(
        public_id=uuid.uuid4(), person_id=person_id, reference_digest=token.digest, started_at=now, last_seen_at=now, ends_at=now + limits_for(roles).whole
    )
    db.session.add(started)
    db.session.flush()
    return started, token.secret


# Built once: every request of somebody who is signed in asks it, and putting it together costs more than running it.
_ROLES = select(func.array_agg(RoleGrant.role)).where(RoleGrant.person_id == SignInSession.person_id).correlate(SignInSession).scalar_subquery()
_SESSION = Glance(
    select(SignInSession.id, SignInSession.person_id, SignInSession.started_at, SignInSession.last_seen_at)
    .add_columns(SignInSession.ends_at, Account.email_confirmed_at, func.coalesce(_ROLES, cast([], ARRAY(String))).label("roles"))
    .join(Account, Account.person_id == SignInSession.person_id)
    .where(SignInSession.reference_digest == bindparam("digest"), SignInSession.ended_at.is_(None), Account.disabled_at.is_(None))
)


def session_row(reference: str) -> Any | None:
    """What there is of a session that has not ended, of an account that is not disabled, for `live_session`. Asked before the time, which it brings along."""
    return next(iter(_SESSION.rows({"digest": digest_of(reference)})), None)


def live_session(row: Any | None, *, now: datetime) -> LiveSession | None:
    """None when there is no such session, or it is idle too long or too old."""
    if row is None:
        return None
    limits = limits_for(frozenset(row.roles))
    if now >= min(row.ends_at, row.started_at + limits.whole, row.last_seen_at + limits.idle):
        return None
    return LiveSession(row.id, row.person_id, frozenset(row.roles), row.email_confirmed_at is not None, row.last_seen_at)


def note_seen(session_id: int, *, now: datetime) -> None:
    """The browser is still there."""
    due = (SignInSession.id == session_id, SignInSession.ended_at.is_(None), SignInSession.last_seen_at <= now - SEEN_EVERY)
    db.session.execute(update(SignInSession).where(*due).values(last_seen_at=now))


def sessions_of(person_id: int, *, now: datetime) -> Sequence[SignInSession]:
    """Those that have not ended, the last seen first."""
    alive = (SignInSession.person_id == person_id, SignInSession.ended_at.is_(None), SignInSession.ends_at > now)
    return db.session.execute(select(SignInSession).where(*alive).order_by(SignInSession.last_seen_at.desc(), SignInSession.id.desc())).scalars().all()


def end_session(session_id: int, *, now: datetime) -> None:
    db.session.execute(update(SignInSession).where(SignInSession.id == session_id, SignInSession.ended_at.is_(None)).values(ended_at=now))


def end_own_session(person_id: int, public_id: uuid.UUID, *, now: datetime) -> None:
    """Sign one of the person's browsers out; NotFound for anybody else's."""
    mine = (SignInSession.public_id == public_id, SignInSession.person_id == person_id, SignInSession.ended_at.is_(None))
    if db.session.execute(update(SignInSession).where(*mine).values(ended_at=now).returning(SignInSession.id)).scalar_one_or_none() is None:
        raise NotFound


def end_sessions_of(person_id: int, *, now: datetime, but: int | None = None) -> None:
    """Sign all of the person's browsers out, except the session `but`."""
    theirs = [SignInSession.person_id == person_id, SignInSession.ended_at.is_(None)]
    if but is not None:
        theirs.append(SignInSession.id != but)
    db.session.execute(update(SignInSession).where(*theirs).values(ended_at=now))
