"""Pairs that must not, or do not want to, be put together. Neither side learns the reason, nor that there is one."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from care.models import HIDING, REFUSING, Conflict
from core.db import db


def record_conflict(therapist_id: int, client_id: int, *, reason: str, now: datetime, ends_at: datetime | None = None) -> Conflict:
    """From now until `ends_at` (None: for good). Reasons: `models.REFUSING` refuse at every door, `models.HIDING` only hide from the client's lists."""
    conflict = Conflict(therapist_id=therapist_id, client_id=client_id, reason=reason, since=now, ends_at=ends_at)
    db.session.add(conflict)
    db.session.flush()
    return conflict


def conflicts_of(client_ids: Collection[int], *, now: datetime) -> dict[int, frozenset[int]]:
    """For each of these people, the therapists that refuse at every door; one query."""
    return _therapists(client_ids, REFUSING, now)


def hidden_from(client_id: int, *, now: datetime) -> frozenset[int]:
    """Therapists that this client does not want to see in lists. A direct choice of theirs is not refused."""
    return _therapists([client_id], HIDING, now).get(client_id, frozenset())


def take_back_rejection(therapist_id: int, client_id: int, *, now: datetime) -> None:
    """The client wants to see this therapist in lists again."""
    theirs = Conflict.reason.in_(HIDING), Conflict.therapist_id == therapist_id, Conflict.client_id == client_id
    db.session.execute(update(Conflict).where(*theirs, in_force(now)).values(ends_at=now))


def in_force(now: datetime) -> ColumnElement[bool]:
    """Conflicts that hold at this instant."""
    return (Conflict.since <= now) & (Conflict.ends_at.is_(None) | (Conflict.ends_at > now))


def _therapists(client_ids: Collection[int], reasons: Collection[str], now: datetime) -> dict[int, frozenset[int]]:
    if not client_ids:
        return {}
    wanted = select(Conflict.client_id, Conflict.therapist_id).where(Conflict.client_id.in_(client_ids), Conflict.reason.in_(reasons), in_force(now))
    found: dict[int, set[int]] = {}
    for client_id, therapist_id in db.session.execute(wanted):
        found.setdefault(client_id, set()).add(therapist_id)
    return {client_id: frozenset(therapists) for client_id, therapists in found.items()}
