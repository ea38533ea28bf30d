"""A discount code after a call: because we called, whatever was said. The desk chooses how much and nothing else; the code goes to the person by mail alone."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from accounts.people import recipient_of
from core import audit
from core.db import db
from core.errors import Conflict
from desk.call_backs.ask import KIND
from desk.call_backs.models import CallBack
from desk.call_backs.work import call_named
from desk.cases import OwnCase, OwnedBySomebodyElse
from notices.outbox import send
from payments.codes.issue import CALL_BACK_HOLDS, issue_call_back_code

PERCENTS = (5, 10, 15, 20)
POINTS_IN_PERCENT = 100


class NotCalled(Conflict):
    code, detail = "not_called", "A code follows a call in which you spoke with the person."


class CodeIssued(Conflict):
    code, detail = "code_issued", "A code has followed this call already."


class NoAddress(Conflict):
    code, detail = "no_address", "This person has no account with a confirmed address yet. A code is theirs alone, so they need one first."


@dataclass(frozen=True, slots=True)
class CodeSent:
    """`hint` is its last four letters; the code itself is in the mail."""

    percent: int
    holds_until: datetime
    hint: str


def send_code(call_id: uuid.UUID, percent: int, *, by: int, now: datetime) -> CodeSent:
    """Once for each call, by whoever made it. NotFound, OwnCase, OwnedBySomebodyElse, NotCalled, CodeIssued, NoAddress."""
    call = call_named(call_id, frozenset({KIND}))
    if call.case.owner_id not in (None, by):
        raise OwnedBySomebodyElse
    locked = select(CallBack).where(CallBack.id == call.id).with_for_update()
    call = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if call.person_id == by:
        raise OwnCase
    if call.outcome != "reached":
        raise NotCalled
    if call.code_issued_at is not None:
        raise CodeIssued
    to = recipient_of(call.person_id)
    if to is None:
        raise NoAddress
    issued, until = issue_call_back_code(call.person_id, by=by, now=now, points=percent * POINTS_IN_PERCENT), now + CALL_BACK_HOLDS
    call.code_issued_at = now
    db.session.flush()
    facts = {"code": issued.text, "percent": percent, "until": until}
    once = f"call_back_code:{call.id}"
    send(to, kind="matching.call_back_code", template="matching/call_back_code", facts=facts, once=once, now=now, person_id=call.person_id)
    audit.record("matching.code_after_call", subject=("call_back", call.public_id), actor=by)
    return CodeSent(percent, until, issued.code.hint)
