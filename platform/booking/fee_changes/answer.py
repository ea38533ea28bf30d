"""A client says yes or no to another fee for dates that they have booked; who says nothing has not agreed, and owes nothing for what is cancelled then."""

import uuid
from datetime import datetime

from sqlalchemy import select

from booking.advance import advance, lock_row, told_together
from booking.fee_changes.concerned import dates_concerned
from booking.fee_changes.models import FeeChange, FeeChangeAnswer
from booking.lifecycle import State
from core import audit
from core.clock import now as now_of_transaction
from core.db import db, lock_persons
from core.errors import Gone, NotFound
from core.jobs import job

REASON = "fee_change"


class AnswerOver(Gone):
    code, detail = "answer_over", "This was answered already, or the time for an answer is over."


def answer_change(public_id: uuid.UUID, *, accept: bool, client_id: int, now: datetime) -> FeeChange:
    """Accepted: the dates stay, at the new fee. Declined: they are cancelled, free of charge. NotFound unless they were asked, AnswerOver."""
    change = db.session.scalars(select(FeeChange).where(FeeChange.public_id == public_id)).one_or_none()
    asked = db.session.get(FeeChangeAnswer, (change.id, client_id)) if change is not None else None
    if change is None or asked is None:
        raise NotFound
    lock_persons(change.therapist_id, client_id)
    db.session.refresh(change)
    db.session.refresh(asked, with_for_update=True)
    if asked.answer is not None or change.withdrawn_at is not None or now >= change.answer_by:
        raise AnswerOver
    _take(change, asked, "accepted" if accept else "declined", by=client_id, now=now)
    return change


@job("booking.lapse_fee_change")
def lapse(change_id: int) -> None:
    """The time for answers is over: nobody who has said nothing has agreed."""
    now, change = now_of_transaction(), db.session.get_one(FeeChange, change_id)
    if change.withdrawn_at is not None or now < change.answer_by:
        return
    silent = select(FeeChangeAnswer.client_id).where(FeeChangeAnswer.fee_change_id == change_id, FeeChangeAnswer.answer.is_(None))
    clients = db.session.scalars(silent.order_by(FeeChangeAnswer.client_id)).all()
    lock_persons(change.therapist_id, *clients)
    for client_id in clients:
        asked = db.session.get_one(FeeChangeAnswer, (change_id, client_id), with_for_update=True, populate_existing=True)
        if asked.answer is None:
            _take(change, asked, "lapsed", by=None, now=now)


def _take(change: FeeChange, asked: FeeChangeAnswer, answer: str, *, by: int | None, now: datetime) -> None:
    with told_together():
        for found in dates_concerned(change, asked.client_id):
            booking = lock_row(found.id)
            if booking.stands is not State.CONFIRMED:
                continue
            if answer == "accepted":
                booking.fee_amount, booking.changed_at = asked.new_amount, now
                booking.list_amount = None if booking.list_amount is None or booking.list_amount <= asked.new_amount else booking.list_amount
                if change.new_amount is None:
                    booking.concession = None
            else:
                booking.cancelled_late = False
                advance(booking, State.CANCELLED, by=by, reason=REASON, now=now)
    asked.answer, asked.answered_at = answer, now
    db.session.flush()
    audit.record(f"booking.fee_{answer}", subject=("fee_change", change.id), actor=by)
