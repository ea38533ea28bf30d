"""What a person decides about a difference: confirm, refund or write off (`kinds`), for a reason, once, as the owner of its case."""

import uuid
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from desk.cases import add_step, dismiss_case, owned_case
from desk.models import Case
from payments.ledger import rules
from payments.ledger.accounts import Movement
from payments.ledger.post import post
from payments.make_once_calls import another
from payments.models import Payment, Refund
from payments.reconciler.file import is_undecided
from payments.reconciler.kinds import KINDS, STATE_AFTER, Action
from payments.reconciler.models import Difference
from payments.reconciler.postings import balance_against
from payments.reconciler.take_over import TAKE_OVER, Decision
from payments.refunds.request import give_back
from payments.steps import lock_payment

MONEY = frozenset({"money"})
# What was confirmed is itself something that somebody has to see to: its case goes on.
GOES_ON = frozenset({("dispute_unknown", "confirm"), ("refund_failed", "confirm")})
# Money that belongs to no payment goes back by a call of its own (`send_back_calls`).
NOBODYS = frozenset({"captured_unknown", "captured_twice"})


class DecidedAlready(Conflict):
    code, detail = "decided_already", "This difference is decided already, or is not there any more."


class ActionNotPossible(Conflict):
    code, detail = "action_not_possible", "This difference cannot be settled this way."


class Undecided(Conflict):
    code, detail = "difference_undecided", "A difference of this case is not decided yet."


def decidable(public_id: uuid.UUID, action: Action, *, by: int) -> Difference:
    """The difference, if `by` may decide this about it now; its case is locked. NotFound, the refusals of `owned_case`, DecidedAlready, ActionNotPossible."""
    found = select(Difference, Case.public_id).join(Case, Case.id == Difference.case_id).where(Difference.public_id == public_id)
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise NotFound
    owned_case(row[1], by, MONEY)
    difference = db.session.get_one(Difference, row[0].id, with_for_update=True, populate_existing=True)
    if difference.state != "open":
        raise DecidedAlready(extra={"state": difference.state})
    if action not in KINDS[difference.kind].actions:
        raise ActionNotPossible(extra={"possible": list(KINDS[difference.kind].actions)})
    return difference


def carry_out(it: Decision, action: Action, *, reason: str) -> None:
    """Do it: rows, books, audit and case in one transaction."""
    difference = it.difference
    if action == "refund" and difference.kind in NOBODYS:
        # What was refused before is asked for under another key: the processor keeps a refusal under its key for a day.
        difference.refund_key = another(difference.refund_key) if difference.refund_key is not None else f"difference:{difference.public_id}:refund"
        difference.refund_amount, difference.sent_at, state = None, None, "settling"
    else:
        movements = {"confirm": _confirm, "refund": _refund, "write_off": _write_off}[action](it)
        if movements is None:
            difference.drift = []  # both sides have the fact now
        post(movements or [], once=f"difference:{difference.id}:decided", reference=_reference(difference), now=it.now, by=it.by)
        state = STATE_AFTER[action]
    note_decision(difference, state, by=it.by, now=it.now)
    add_step(_case(difference).public_id, action=f"money_{state}", note=reason, by=it.by, kinds=MONEY, now=it.now)
    if (difference.kind, action) not in GOES_ON:
        close_if_decided(difference, by=it.by, now=it.now)


def note_decision(difference: Difference, state: str, *, by: int, now: datetime) -> None:
    """The state and the audit row."""
    difference.state, difference.decided_by, difference.changed_at, difference.failure = state, by, now, None
    db.session.flush()
    audit.record(f"payments.difference_{state}", subject=("difference", difference.id), reason=difference.kind, actor=by)


def close_if_decided(difference: Difference, *, by: int, now: datetime) -> None:
    """Close its case once nothing in it waits. What is sent later finds it so, whoever owns the case by then."""
    if not is_undecided(difference.case_id):
        dismiss_case(difference.case_id, outcome="resolved", by=by, now=now)


def refuse_undecided(case: Case, outcome: str) -> None:
    """Before any case is closed (`desk.closing`): not while a difference of it waits for somebody."""
    del outcome
    if case.kind in MONEY and is_undecided(case.id):
        raise Undecided


def _confirm(it: Decision) -> list[Movement] | None:
    return TAKE_OVER[it.difference.kind](it)


def _refund(it: Decision) -> list[Movement] | None:
    """The payer gets it: what never left, or came back, is sent anew; what stands for nothing goes back."""
    difference = it.difference
    assert difference.payment_id is not None
    if difference.kind == "paid_for_nothing":
        payment = lock_payment(difference.payment_id)
        again, movements = [(payment, payment.refundable, "not_held")], None
    else:
        movements = _confirm(it)
        refunds = db.session.scalars(select(Refund).where(Refund.processor_id == difference.name).order_by(Refund.payment_id)).all()
        again = [(payment := lock_payment(each.payment_id), min(each.amount, payment.refundable), each.reason) for each in refunds]
    # A part of a cart may have had it back meanwhile.
    owed = [each for each in again if each[1]]
    if not owed or not all(give_back(payment, amount, reason=reason, by=it.by, now=it.now) for payment, amount, reason in owed):
        raise ActionNotPossible
    return movements


def _write_off(it: Decision) -> list[Movement]:
    """Our rows stay, and so does what others have of it; we bear it."""
    difference = it.difference
    if difference.drift:
        return balance_against(difference.drift, rules.WRITTEN_OFF)
    assert difference.person_id is not None
    assert difference.ours is not None
    return rules.written_off(difference.person_id, difference.ours.amount, difference.ours.currency)


def _case(difference: Difference) -> Case:
    return db.session.get_one(Case, difference.case_id)


def _reference(difference: Difference) -> uuid.UUID | None:
    payment = db.session.get(Payment, difference.payment_id) if difference.payment_id is not None else None
    return payment.reference if payment is not None else None
