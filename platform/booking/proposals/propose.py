"""A therapist proposes a session, or a series, to a client in care. It holds the time until the client answers."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import func, select

from accounts.models import Person
from booking.confirm import told_to_therapist
from booking.expire import end_lapsed_of
from booking.expiry import LONGEST_WAIT, SETTLED_BEFORE_START
from booking.hold import THEIRS_TO_SAY
from booking.lifecycle import State
from booking.openings.availability import Offer, offer_named
from booking.place import Wanted, place
from booking.proposals.letters import end_proposal, tell_proposal
from booking.proposals.models import Proposal
from booking.refusals import NotAnOpening
from booking.series.book import Repeated, free_dates, require_near, rhythm_of, write_series
from booking.series.dates import Asked
from care.doors import MayNotTreat
from care.relation import IN_CARE, relation_between
from core import audit
from core.db import db, lock_persons
from core.errors import NotFound, TooMany
from core.tokens import new_token

MOST_OPEN_TO_ONE = 5
# The client has at least this long to answer.
SHORTEST_WAIT = timedelta(hours=1)


class TooManyProposals(TooMany):
    code, detail = "too_many_proposals", "This client has five proposals of yours to answer already."


class TooLateToPropose(NotAnOpening):
    code, detail = "too_soon", "A proposal is answered up to 12 hours before its start. This start is too near for that."


def propose(
    therapist_id: int,
    client_id: uuid.UUID,
    service_id: uuid.UUID,
    start: datetime,
    *,
    now: datetime,
    minutes: int | None = None,
    repeated: Repeated | None = None,
) -> Proposal:
    """Hold the time, or all dates of a series, for this client, and mail them one link. Only the therapist's time is taken until the client accepts.

    A therapist may propose what lies outside their published hours and limits. Refusals: NotFound (also for somebody who is not in care), TooManyProposals,
    TooLateToPropose, OpeningTaken, SeriesConflicts, NotToBeConfirmed with what stands against the therapist alone.
    """
    offer, client = _offer(therapist_id, service_id, minutes), _client_in_care(therapist_id, client_id)
    require_near(start, now=now)
    lapses_at = min(now + LONGEST_WAIT, start - SETTLED_BEFORE_START)
    if lapses_at < now + SHORTEST_WAIT:
        raise TooLateToPropose
    lock_persons(therapist_id, client)
    end_lapsed_of({therapist_id, client}, now=now)
    _require_few(therapist_id, client, now=now)
    wanted = Wanted(offer, start, (client,), offer.terms.minutes, by=therapist_id, passes_over=THEIRS_TO_SAY)
    token = new_token()
    proposal = Proposal(
        public_id=uuid.uuid4(), therapist_id=therapist_id, client_id=client, link_digest=token.digest, created_at=now, lapses_at=lapses_at, answer=None
    )
    with _said_to_therapist():
        if repeated is None:
            proposal.booking_id = place(wanted, State.HELD, lapses_at=lapses_at, held_for="proposal", now=now).id
        else:
            proposal.series_id = _hold_series(wanted, repeated, proposal, now=now)
    db.session.add(proposal)
    db.session.flush()
    audit.record("booking.proposed", subject=("proposal", proposal.public_id), actor=therapist_id)
    tell_proposal(proposal, token.secret, now=now)
    end_proposal.enqueue_at(proposal.lapses_at + timedelta(seconds=1), proposal_id=proposal.id)
    return proposal


def _offer(therapist_id: int, service_id: uuid.UUID, minutes: int | None) -> Offer:
    offer = offer_named(service_id)
    if offer is None or offer.therapist_id != therapist_id:
        raise NotFound
    return offer.of_length(minutes)


def _client_in_care(therapist_id: int, client_id: uuid.UUID) -> int:
    person_id = db.session.execute(select(Person.id).where(Person.public_id == client_id)).scalar_one_or_none()
    relation = relation_between(therapist_id, person_id) if person_id is not None else None
    if person_id is None or relation is None or relation.state not in IN_CARE:
        raise NotFound
    return person_id


def _require_few(therapist_id: int, client_id: int, *, now: datetime) -> None:
    open_ones = (Proposal.therapist_id == therapist_id, Proposal.client_id == client_id, Proposal.answer.is_(None), Proposal.lapses_at > now)
    if db.session.execute(select(func.count()).select_from(Proposal).where(*open_ones)).scalar_one() >= MOST_OPEN_TO_ONE:
        raise TooManyProposals(extra={"limit": MOST_OPEN_TO_ONE})


def _hold_series(wanted: Wanted, repeated: Repeated, proposal: Proposal, *, now: datetime) -> int:
    rhythm = rhythm_of(wanted.offer, wanted.start, repeated.every_weeks)
    asked = Asked(wanted.offer, wanted.client_ids, now, passes_over=wanted.passes_over, clients_asked=False)
    dates = free_dates(asked, rhythm, repeated)
    proposal.lapses_at = min(proposal.lapses_at, (dates[0].start or wanted.start) - SETTLED_BEFORE_START)
    series, _ = write_series(wanted, rhythm, dates, State.HELD, lapses_at=proposal.lapses_at, held_for="proposal", now=now)
    return series.id


@contextmanager
def _said_to_therapist() -> Iterator[None]:
    """What is known about a client is not told to the therapist."""
    try:
        yield
    except MayNotTreat as refusal:
        raise told_to_therapist(refusal) from refusal
