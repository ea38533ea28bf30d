"""A therapist announces another fee, or the end of a lower one, at least 30 days ahead. On its day it becomes the service's."""

import uuid
from datetime import datetime

from sqlalchemy import select

from booking.fee_changes.answer import lapse
from booking.fee_changes.concerned import clients_concerned, dates_concerned
from booking.fee_changes.letters import tell_announced
from booking.fee_changes.models import FeeChange, FeeChangeAnswer
from booking.fee_changes.notice import answer_by, is_far_enough, needs_answer
from booking.lifecycle import State
from booking.models import Booking
from core import audit
from core.clock import now as now_of_transaction
from core.db import db, lock_persons
from core.errors import Conflict, Invalid, NotFound
from core.jobs import job
from core.money import Money
from payments.processor_amounts import can_be_charged
from therapists.models import Concession, Service
from therapists.services import service_of

AGREED = frozenset({State.REQUESTED.value, State.CONFIRMED.value})


class FeeNeedsNotice(Conflict):
    code = "fee_needs_notice"
    detail = "Somebody is booked at this fee. Announce the new one at least 30 days ahead, on your page of prices (POST /api/v1/therapist/fee-changes)."


class AnnouncedAlready(Conflict):
    code, detail = "announced_already", "Another fee is announced for this already. Take it back first."


class AnsweredAlready(Conflict):
    code, detail = "answered_already", "Somebody has agreed to this already, so it cannot be taken back. Announce another fee."


def announce(therapist_id: int, service_id: uuid.UUID, *, fee: Money | None, concession: str | None, takes_effect_at: datetime, now: datetime) -> FeeChange:
    """From `takes_effect_at` on the service, or its lower fee `concession`, costs `fee`; without `fee` that lower fee ends.

    Clients whose unpaid dates after it would cost more are asked; a lower price counts for them by itself. Refusals: NotFound, Invalid, AnnouncedAlready.
    """
    service = service_of(therapist_id, service_id)
    old = _old_amount(service, concession)
    _require_sound(service, old, fee, concession, takes_effect_at, now=now)
    lock_persons(therapist_id)
    ahead = select(FeeChange.id).where(FeeChange.service_id == service.id, FeeChange.concession.is_not_distinct_from(concession))
    if db.session.scalars(ahead.where(FeeChange.applied_at.is_(None), FeeChange.withdrawn_at.is_(None))).first() is not None:
        raise AnnouncedAlready
    change = FeeChange(
        public_id=uuid.uuid4(),
        therapist_id=therapist_id,
        service_id=service.id,
        concession=concession,
        old_amount=old,
        new_amount=fee.amount if fee is not None else None,
        currency=service.fee_currency,
        announced_at=now,
        takes_effect_at=takes_effect_at,
        answer_by=answer_by(takes_effect_at),
    )
    db.session.add(change)
    db.session.flush()
    audit.record("booking.fee_announced", subject=("fee_change", change.id), actor=therapist_id, before=old, after=change.new_amount)
    _ask(change, service, now=now)
    apply_change.enqueue_at(takes_effect_at, change_id=change.id)
    return change


def withdraw(public_id: uuid.UUID, *, therapist_id: int, now: datetime) -> FeeChange:
    """Nothing changes after all. NotFound, AnsweredAlready once somebody has agreed. Twice changes nothing."""
    wanted = select(FeeChange).where(FeeChange.public_id == public_id, FeeChange.therapist_id == therapist_id).with_for_update()
    change = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if change is None or change.applied_at is not None:
        raise NotFound
    agreed = select(FeeChangeAnswer.client_id).where(FeeChangeAnswer.fee_change_id == change.id, FeeChangeAnswer.answer.is_not(None))
    if db.session.scalars(agreed).first() is not None:
        raise AnsweredAlready
    if change.withdrawn_at is None:
        change.withdrawn_at = now
        db.session.flush()
        audit.record("booking.fee_withdrawn", subject=("fee_change", change.id), actor=therapist_id)
    return change


@job("booking.apply_fee_change")
def apply_change(change_id: int) -> None:
    """Its day has come: new bookings cost it. Running it again changes nothing."""
    change, now = db.session.get_one(FeeChange, change_id, with_for_update=True, populate_existing=True), now_of_transaction()
    if change.applied_at is not None or change.withdrawn_at is not None or now < change.takes_effect_at:
        return
    service = db.session.get_one(Service, change.service_id)
    if change.concession is None and change.new_amount is not None:
        service.fee_amount = change.new_amount
    lower = db.session.get(Concession, (change.service_id, change.concession)) if change.concession is not None else None
    if lower is not None and change.new_amount is None:
        db.session.delete(lower)
    elif lower is not None and change.new_amount is not None:
        lower.fee_amount = change.new_amount
    change.applied_at = now
    db.session.flush()
    audit.record("booking.fee_applied", subject=("fee_change", change.id))


def require_notice(service: Service, fee: Money | None, lower_fees: dict[str, int] | None) -> None:
    """Asked before a therapist changes a service at once: FeeNeedsNotice where somebody is booked at a fee that would rise or end. Connected to
    `therapists.services`.
    """
    rises = fee is not None and fee.currency == service.fee_currency and fee.amount > service.fee_amount
    gone = [] if lower_fees is None else [each.name for each in service.concessions if lower_fees.get(each.name, each.fee_amount + 1) > each.fee_amount]
    agreed = select(Booking.id).where(Booking.service_id == service.id, Booking.state.in_(AGREED), Booking.starts_at > now_of_transaction())
    if rises and db.session.scalars(agreed.where(Booking.concession.is_(None)).limit(1)).first() is not None:
        raise FeeNeedsNotice
    if gone and db.session.scalars(agreed.where(Booking.concession.in_(gone)).limit(1)).first() is not None:
        raise FeeNeedsNotice


def _old_amount(service: Service, concession: str | None) -> int:
    if concession is None:
        return service.fee_amount
    found = next((each.fee_amount for each in service.concessions if each.name == concession), None)
    if found is None:
        raise Invalid(errors={"concession": ["Not one of the lower fees of this service."]})
    return found


def _require_sound(service: Service, old: int, fee: Money | None, concession: str | None, takes_effect_at: datetime, *, now: datetime) -> None:
    if not is_far_enough(takes_effect_at, now=now):
        raise Invalid(code="too_short_notice", errors={"takes_effect_at": ["At least 30 days ahead, and at most a year."]})
    if fee is None and concession is None:
        raise Invalid(errors={"fee": ["Say what it costs."]})
    if fee is not None and (fee.currency != service.fee_currency or fee.amount == old or not can_be_charged(fee.amount, fee.currency)):
        raise Invalid(errors={"fee": ["Another fee, in the currency of the service."]})
    if fee is not None and concession is not None and fee.amount >= service.fee_amount:
        raise Invalid(errors={"fee": ["Lower than the fee of the service; or let this lower fee end."]})
    if concession is None and service.kind == "consultation":
        raise Invalid(errors={"fee": ["A consultation is free."]})


def _ask(change: FeeChange, service: Service, *, now: datetime) -> None:
    """Whoever would pay more is asked; whoever would pay less pays less."""
    after = change.new_amount if change.new_amount is not None else service.fee_amount
    dates = dates_concerned(change)
    if not needs_answer(change.old_amount, after):
        for booking in dates:
            booking.fee_amount = after
        db.session.flush()
        return
    for client_id in clients_concerned(dates):
        db.session.add(FeeChangeAnswer(fee_change_id=change.id, client_id=client_id, new_amount=after))
        tell_announced(change, client_id, after, [each for each in dates if any(seat.person_id == client_id for seat in each.participants)], now=now)
    db.session.flush()
    if dates:
        lapse.enqueue_at(change.answer_by, change_id=change.id)
