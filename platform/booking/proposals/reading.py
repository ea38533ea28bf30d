"""Proposals as one of the two may see them."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.elements import ColumnElement

from accounts.models import Person
from booking.models import Booking
from booking.proposals.letters import dates_of_proposal
from booking.proposals.models import Proposal
from booking.reading import Named
from core.db import db
from core.errors import NotFound
from core.http import cursor_of, key_of
from core.money import Money
from core.zones import zone as zone_named

WITH_PEOPLE = (joinedload(Proposal.therapist), joinedload(Proposal.client), joinedload(Proposal.series))


@dataclass(frozen=True, slots=True)
class ProposedTime:
    """One time, also on the reader's wall clock."""

    booking_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    local_start: str
    fee: Money


@dataclass(frozen=True, slots=True)
class ProposalShown:
    """`state`: waiting, accepted, declined, withdrawn or lapsed."""

    public_id: uuid.UUID
    state: str
    therapist: Named
    client: Named
    created_at: datetime
    lapses_at: datetime
    every_weeks: int | None
    times: Sequence[ProposedTime]


@dataclass(frozen=True, slots=True)
class ProposalsShown:
    """One page of proposals, the latest first."""

    items: Sequence[ProposalShown]
    next: str | None


def show_proposal(public_id: uuid.UUID, *, person_id: int, now: datetime) -> ProposalShown:
    """NotFound unless this person made it or is to answer it."""
    mine = (Proposal.public_id == public_id, (Proposal.therapist_id == person_id) | (Proposal.client_id == person_id))
    proposal = db.session.execute(select(Proposal).where(*mine).options(*WITH_PEOPLE).execution_options(populate_existing=True)).scalar_one_or_none()
    if proposal is None:
        raise NotFound
    return _shown(proposal, _zone_of(proposal, person_id), now=now)


def proposals_to(client_id: int, *, limit: int, cursor: str | None, now: datetime) -> ProposalsShown:
    """What was proposed to this client."""
    return _page(Proposal.client_id == client_id, client_id, limit=limit, cursor=cursor, now=now)


def proposals_by(therapist_id: int, *, limit: int, cursor: str | None, now: datetime) -> ProposalsShown:
    """What this therapist has proposed."""
    return _page(Proposal.therapist_id == therapist_id, therapist_id, limit=limit, cursor=cursor, now=now)


def _page(whose: ColumnElement[bool], person_id: int, *, limit: int, cursor: str | None, now: datetime) -> ProposalsShown:
    conditions = [whose] if cursor is None else [whose, Proposal.id < key_of(cursor, int)[0]]
    wanted = select(Proposal).where(*conditions).order_by(Proposal.id.desc()).options(*WITH_PEOPLE).limit(limit + 1)
    found = db.session.execute(wanted).scalars().all()
    shown = [_shown(each, _zone_of(each, person_id), now=now) for each in found[:limit]]
    return ProposalsShown(shown, cursor_of(found[limit - 1].id) if len(found) > limit else None)


def _zone_of(proposal: Proposal, person_id: int) -> str:
    return proposal.therapist.zone if person_id == proposal.therapist_id else db.session.get_one(Person, person_id).zone


def _shown(proposal: Proposal, zone: str, *, now: datetime) -> ProposalShown:
    state = proposal.answer or ("lapsed" if proposal.lapses_at <= now else "waiting")
    return ProposalShown(
        public_id=proposal.public_id,
        state=state,
        therapist=Named(proposal.therapist.public_id, proposal.therapist.display_name),
        client=Named(proposal.client.public_id, proposal.client.name),
        created_at=proposal.created_at,
        lapses_at=proposal.lapses_at,
        every_weeks=proposal.series.every_weeks if proposal.series is not None else None,
        times=[_time(each, zone) for each in dates_of_proposal(proposal)],
    )


def _time(booking: Booking, zone: str) -> ProposedTime:
    local = booking.starts_at.astimezone(zone_named(zone)).isoformat()
    return ProposedTime(booking.public_id, booking.starts_at, booking.ends_at, local, booking.fee)
