"""The care relation of one client and one therapist: requested by the first request, on trial once a request is accepted, later active, in the end ended."""

import uuid
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime

from sqlalchemy import select

from care.models import CareRelation
from core import audit
from core.db import db
from core.errors import NotFound

IN_CARE = ("trial", "active", "paused")
TAKING_A_PLACE = ("requested", "trial", "active")
ORIGINS = ("match", "directory", "invited")


def relation_between(therapist_id: int, client_id: int) -> CareRelation | None:
    wanted = select(CareRelation).where(CareRelation.therapist_id == therapist_id, CareRelation.client_id == client_id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def relations_between(therapist_id: int, client_ids: Collection[int]) -> Sequence[CareRelation]:
    """The same for several people, in one query; somebody without a relation is missing."""
    wanted = select(CareRelation).where(CareRelation.therapist_id == therapist_id, CareRelation.client_id.in_(client_ids))
    return db.session.scalars(wanted.execution_options(populate_existing=True)).all()


def shared_place(relations: Iterable[CareRelation]) -> uuid.UUID | None:
    """The place that one of these relations with one therapist takes: whoever comes along takes no other."""
    return next((each.place_id for each in relations if each.state in TAKING_A_PLACE), None)


def in_care_with(client_ids: Collection[int]) -> frozenset[int]:
    """The therapists with whom any of these people has more than a request, and not an end."""
    wanted = select(CareRelation.therapist_id).where(CareRelation.client_id.in_(client_ids), CareRelation.state.in_(IN_CARE))
    return frozenset(db.session.scalars(wanted)) if client_ids else frozenset()


def begin_care(therapist_id: int, client_ids: Collection[int], *, unit: str, origin: str, accepted: bool, now: datetime) -> dict[int, CareRelation]:
    """Requested, or at once on trial when it was `accepted`; together they take one place (ask `capacity.require_places` first). By client.

    A relation that is further along stays what it is; an ended one begins anew. Whoever comes with somebody who has a place shares it.
    """
    if origin not in ORIGINS:
        raise ValueError(f"no such origin: {origin!r}")
    state = "trial" if accepted else "requested"
    found = {relation.client_id: relation for relation in relations_between(therapist_id, client_ids)}
    place_id = shared_place(found.values()) or uuid.uuid4()
    for client_id in client_ids:
        relation = found.get(client_id)
        if relation is None:
            relation = found[client_id] = CareRelation(public_id=uuid.uuid4(), therapist_id=therapist_id, client_id=client_id, state="ended")
        if relation.state == "ended":
            relation.unit, relation.origin, relation.end_reason, relation.opened_at = unit, origin, None, now
            relation.place_id = place_id
        elif relation.state != "requested" or not accepted:
            continue
        relation.state, relation.changed_at = state, now
        db.session.add(relation)
        audit.record(f"care.{state}", subject=("care", relation.public_id))
    db.session.flush()
    return found


def request_care(therapist_id: int, client_id: int, *, unit: str, origin: str, now: datetime) -> CareRelation:
    """The same for one person who asks."""
    return begin_care(therapist_id, [client_id], unit=unit, origin=origin, accepted=False, now=now)[client_id]


def accept_care(therapist_id: int, client_id: int, *, now: datetime) -> CareRelation:
    """A request was accepted: on trial. A relation that is further along stays; NotFound when there is none."""
    relation = _require(therapist_id, client_id)
    if relation.state in ("requested", "ended"):
        relation.state, relation.changed_at = "trial", now
        _changed(relation, None)
    return relation


def activate_care(therapist_id: int, client_ids: Collection[int], *, now: datetime) -> None:
    """A first session took place: from trial to active. Any other relation stays what it is."""
    for relation in relations_between(therapist_id, client_ids):
        if relation.state == "trial":
            relation.state, relation.changed_at = "active", now
            _changed(relation, None)


def end_care(therapist_id: int, client_id: int, *, reason: str, now: datetime) -> CareRelation:
    """Ended, with a code; its place is free again. Ending twice changes nothing."""
    relation = _require(therapist_id, client_id)
    if relation.state != "ended":
        relation.state, relation.changed_at, relation.end_reason = "ended", now, reason
        _changed(relation, reason)
    return relation


def give_up_request(therapist_id: int, client_id: int, *, reason: str, now: datetime) -> None:
    """A request was declined, withdrawn or expired: frees the place, unless more than a request had come of the relation."""
    relation = relation_between(therapist_id, client_id)
    if relation is not None and relation.state == "requested":
        end_care(therapist_id, client_id, reason=reason, now=now)


def _require(therapist_id: int, client_id: int) -> CareRelation:
    relation = relation_between(therapist_id, client_id)
    if relation is None:
        raise NotFound
    return relation


def _changed(relation: CareRelation, reason: str | None) -> CareRelation:
    db.session.flush()
    audit.record(f"care.{relation.state}", subject=("care", relation.public_id), reason=reason)
    return relation
