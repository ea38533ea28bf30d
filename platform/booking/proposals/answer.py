"""The answer to a proposal: by the link of its mail without signing in, or signed in; or it is taken back by its therapist."""

import uuid
from datetime import datetime

from sqlalchemy import select

from accounts.links import LinkExpired, LinkUnknown, LinkUsed
from booking.advance import lock_rows
from booking.hold import confirm_hold
from booking.lifecycle import State
from booking.models import Booking
from booking.proposals.letters import dates_asked, tell_declined, tell_withdrawn
from booking.proposals.models import Proposal
from booking.series.hold import confirm_held, release_all
from core import audit
from core.db import db, lock_persons
from core.errors import Gone, NotFound
from core.tokens import digest_of


class ProposalEnded(Gone):
    code, detail = "proposal_ended", "This proposal is over, so it cannot be answered any more."


def proposal_of_link(secret: str, *, now: datetime) -> Proposal:
    """The proposal that a mailed link names, unanswered. Gone with `link_unknown`, `link_used` or `link_expired`."""
    proposal = db.session.execute(select(Proposal).where(Proposal.link_digest == digest_of(secret))).scalar_one_or_none()
    if proposal is None:
        raise LinkUnknown
    if proposal.answer is not None and proposal.answer != "lapsed":
        raise LinkUsed("This proposal was answered already.")
    if proposal.lapses_at <= now:
        raise LinkExpired("The time for an answer is over. Ask for a new proposal.")
    return proposal


def accept_by_link(secret: str, *, now: datetime) -> Proposal:
    """Whoever holds the mail's secret says yes for its client. Refusals: Gone as above, and those of `accept_proposal`."""
    return _accept(proposal_of_link(secret, now=now).id, now=now)


def decline_by_link(secret: str, *, now: datetime) -> Proposal:
    """The same for no."""
    return _decline(proposal_of_link(secret, now=now).id, now=now)


def accept_proposal(public_id: uuid.UUID, *, by: int, now: datetime) -> Proposal:
    """All its times → confirmed, or none. NotFound unless it is theirs, ProposalEnded; every rule is asked anew, now also of the client's own time."""
    return _accept(_mine(public_id, Proposal.client_id == by), now=now)


def accept_paid(booking: Booking, *, now: datetime) -> None:
    """What was proposed has been paid for, or its first date; the caller holds the lock of the booking."""
    its = Proposal.booking_id == booking.id if booking.series_id is None else Proposal.series_id == booking.series_id
    _accept(db.session.scalars(select(Proposal.id).where(its)).one(), now=now)


def decline_proposal(public_id: uuid.UUID, *, by: int, now: datetime) -> Proposal:
    """Its times are free again, and the therapist is told. NotFound unless it is theirs, ProposalEnded."""
    return _decline(_mine(public_id, Proposal.client_id == by), now=now)


def withdraw_proposal(public_id: uuid.UUID, *, by: int, now: datetime) -> Proposal:
    """Its therapist takes it back, and the client is told. NotFound unless it is theirs, ProposalEnded."""
    proposal = _under_lock(_mine(public_id, Proposal.therapist_id == by), now=now)
    _free(proposal, "withdrawn", by=by, now=now)
    tell_withdrawn(proposal, now=now)
    return proposal


def _mine(public_id: uuid.UUID, whose: object) -> int:
    found = db.session.execute(select(Proposal.id).where(Proposal.public_id == public_id, whose)).scalar_one_or_none()  # type: ignore[arg-type]
    if found is None:
        raise NotFound
    return found


def _accept(proposal_id: int, *, now: datetime) -> Proposal:
    proposal = _under_lock(proposal_id, now=now)
    dates = lock_rows(dates_asked(proposal))
    if proposal.series_id is None:
        confirm_hold(dates[0], by=proposal.client_id, now=now)
    else:
        confirm_held(dates, by=proposal.client_id, now=now)
    return _ended(proposal, "accepted", by=proposal.client_id, now=now)


def _decline(proposal_id: int, *, now: datetime) -> Proposal:
    proposal = _under_lock(proposal_id, now=now)
    _free(proposal, "declined", by=proposal.client_id, now=now)
    tell_declined(proposal, now=now)
    return proposal


def _free(proposal: Proposal, answer: str, *, by: int, now: datetime) -> None:
    # What ended in another way, because the therapist leaves for example, has nothing left to free.
    held = [booking for booking in lock_rows(dates_asked(proposal)) if booking.stands is State.HELD]
    release_all(held, by=by, reason=answer, now=now)
    _ended(proposal, answer, by=by, now=now)


def _under_lock(proposal_id: int, *, now: datetime) -> Proposal:
    wanted = select(Proposal).where(Proposal.id == proposal_id).execution_options(populate_existing=True)
    found = db.session.execute(wanted).scalar_one()
    lock_persons(found.therapist_id, found.client_id)
    proposal = db.session.execute(wanted.with_for_update()).scalar_one()
    if proposal.answer is not None or proposal.lapses_at <= now:
        raise ProposalEnded
    return proposal


def _ended(proposal: Proposal, answer: str, *, by: int, now: datetime) -> Proposal:
    proposal.answer, proposal.answered_at = answer, now
    db.session.flush()
    audit.record(f"booking.proposal_{answer}", subject=("proposal", proposal.public_id), actor=by)
    return proposal
