"""What is told about a proposal, and its clock. Once it is accepted, its bookings tell their own story."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload, selectinload

from accounts.people import recipient_of
from booking.advance import lock_rows
from booking.expire import expire_all
from booking.letters import MODES, client_names
from booking.lifecycle import State
from booking.models import Booking, BookingParticipant
from booking.proposals.models import Proposal
from core.clock import now as now_of_transaction
from core.db import db, lock_persons
from core.jobs import job
from notices.letter import local_time
from notices.outbox import send

PAGE = "proposal"
WITH_PEOPLE = (joinedload(Booking.therapist), selectinload(Booking.participants).joinedload(BookingParticipant.person))


def dates_asked(proposal: Proposal) -> ColumnElement[bool]:
    """Which bookings it proposes."""
    return Booking.id == proposal.booking_id if proposal.booking_id is not None else Booking.series_id == proposal.series_id


def dates_of_proposal(proposal: Proposal) -> list[Booking]:
    """Its bookings with their people, in order."""
    wanted = select(Booking).where(dates_asked(proposal)).order_by(Booking.starts_at).options(*WITH_PEOPLE).execution_options(populate_existing=True)
    return list(db.session.execute(wanted).scalars())


def tell_proposal(proposal: Proposal, secret: str, *, now: datetime) -> None:
    """The client's mail, with the link. The secret goes nowhere else."""
    _write(proposal, proposal.client_id, "proposal_client", {"page": PAGE, "token": secret}, now=now)


def tell_declined(proposal: Proposal, *, now: datetime) -> None:
    """The therapist learns that the times are free again."""
    _write(proposal, proposal.therapist_id, "proposal_ended_therapist", {"declined": True}, now=now)


def tell_withdrawn(proposal: Proposal, *, now: datetime) -> None:
    """The client learns that there is nothing to answer any more."""
    _write(proposal, proposal.client_id, "proposal_withdrawn_client", {}, now=now)


@job("booking.end_proposal")
def end_proposal(proposal_id: int) -> None:
    """The clock of a proposal has run out: free its times and tell the therapist."""
    now = now_of_transaction()
    proposal = db.session.execute(select(Proposal).where(Proposal.id == proposal_id)).scalar_one()
    lock_persons(proposal.therapist_id, proposal.client_id)
    proposal = db.session.execute(select(Proposal).where(Proposal.id == proposal_id).with_for_update().execution_options(populate_existing=True)).scalar_one()
    if proposal.answer is not None or proposal.lapses_at > now:
        return
    expire_all([booking for booking in lock_rows(dates_asked(proposal)) if booking.stands is State.HELD], now=now)
    proposal.answer, proposal.answered_at = "lapsed", now
    _write(proposal, proposal.therapist_id, "proposal_ended_therapist", {"declined": False}, now=now)


def _write(proposal: Proposal, person_id: int, template: str, more: dict[str, Any], *, now: datetime) -> None:
    recipient = recipient_of(person_id)
    if recipient is None:
        return
    dates = dates_of_proposal(proposal)
    facts = {
        "therapist": dates[0].therapist.display_name,
        "client": client_names(dates[0]),
        "times": [local_time(each.starts_at, recipient.zone) for each in dates],
        "minutes": int((dates[0].ends_at - dates[0].starts_at).total_seconds()) // 60,
        "how": MODES.get(dates[0].mode, ""),
        "lapses_at": proposal.lapses_at,
        **more,
    }
    send(recipient, kind=template, template=f"booking/{template}", facts=facts, once=f"{template}:{proposal.public_id}", now=now, person_id=person_id)
