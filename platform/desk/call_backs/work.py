"""The desk's side of a call: the queue with its clock, taking one on, the number for whoever did, and how it went."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import contains_eager, joinedload

from core import audit
from core.db import db
from core.errors import Conflict, NotFound
from core.http import cursor_of
from desk.call_backs.ask import KIND
from desk.call_backs.models import CallBack
from desk.cases import add_step, claim_case, close_case, owned_case, release_case
from desk.listing import position_in
from desk.models import Case

WHOLE = (contains_eager(CallBack.case).joinedload(Case.owner), joinedload(CallBack.person))
# What a case of another kind keeps of a call that was made for it.
STEP_OF = {"reached": "spoke", "not_reached": "no_answer", "left_no_message": "no_answer"}


class CallEnded(Conflict):
    code, detail = "call_ended", "This call is over."


class CallStillOpen(Conflict):
    code, detail = "call_still_open", "Somebody waits for a call on this case. Say first how it went."


@dataclass(frozen=True)
class CallPage:
    items: Sequence[CallBack]
    next: str | None


@dataclass(frozen=True, slots=True)
class Number:
    """Where to call. `name` is None for a guest."""

    phone: str
    name: str | None
    voicemail_safe: bool


def queue(kinds: Collection[str], *, limit: int, owner_id: int | None = None, cursor: str | None = None) -> CallPage:
    """Open calls on cases of these kinds, the earliest clock first; with `owner_id` only that person's. Numbers are not in it."""
    wanted = select(CallBack).join(CallBack.case).where(CallBack.ended_at.is_(None), Case.kind.in_(kinds)).order_by(Case.due_at, CallBack.public_id)
    if owner_id is not None:
        wanted = wanted.where(Case.owner_id == owner_id)
    if cursor is not None:
        wanted = wanted.where(tuple_(Case.due_at, CallBack.public_id) > tuple_(*position_in(cursor)))
    found = db.session.scalars(wanted.limit(limit + 1).options(*WHOLE)).all()
    last = found[limit - 1] if len(found) > limit else None
    return CallPage(found[:limit], cursor_of(last.case.due_at.isoformat(), str(last.public_id)) if last else None)


def call_named(public_id: uuid.UUID, kinds: Collection[str]) -> CallBack:
    """With its case and person. NotFound for a case of a kind that is not theirs."""
    wanted = select(CallBack).join(CallBack.case).where(CallBack.public_id == public_id, Case.kind.in_(kinds)).options(*WHOLE)
    call = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if call is None:
        raise NotFound
    return call


def claim_call(public_id: uuid.UUID, *, by: int, kinds: Collection[str], now: datetime) -> CallBack:
    """Refuses as `cases.claim_case`."""
    claim_case(_open(public_id, kinds).case.public_id, by=by, kinds=kinds, now=now)
    return call_named(public_id, kinds)


def release_call(public_id: uuid.UUID, *, by: int, kinds: Collection[str], now: datetime) -> CallBack:
    """Refuses as `cases.release_case`. The clock runs on."""
    release_case(_open(public_id, kinds).case.public_id, by=by, kinds=kinds, now=now)
    return call_named(public_id, kinds)


def number_for_call(public_id: uuid.UUID, *, by: int, kinds: Collection[str]) -> Number:
    """For whoever owns its case, while the call is open; the reading is recorded. Refuses as every act on a case; CallEnded."""
    call = _open(public_id, kinds)
    owned_case(call.case.public_id, by, kinds)
    assert call.phone is not None
    audit.record("desk.number_read", subject=("call_back", call.public_id), actor=by)
    return Number(call.phone, call.person.name, call.voicemail_safe)


def end_with(public_id: uuid.UUID, outcome: str, *, by: int, kinds: Collection[str], now: datetime, note: str | None = None) -> CallBack:
    """How it went, by whoever owns its case (`topics.OUTCOMES`). The call's own case closes; another one only keeps it as a step."""
    call = _open(public_id, kinds)
    case = owned_case(call.case.public_id, by, kinds)
    locked = select(CallBack).where(CallBack.id == call.id).with_for_update()
    call = db.session.scalars(locked.execution_options(populate_existing=True)).one()
    if call.ended_at is not None:
        raise CallEnded
    call.ended_at, call.outcome = now, outcome
    db.session.flush()
    if case.kind == KIND:
        close_case(case.public_id, outcome=outcome, by=by, kinds=kinds, now=now, note=note)
    else:
        add_step(case.public_id, action=STEP_OF[outcome], by=by, kinds=kinds, now=now, note=note)
    audit.record("desk.call_ended", subject=("call_back", call.public_id), actor=by, reason=outcome)
    return call_named(public_id, kinds)


def refuse_while_call_waits(case: Case, outcome: str) -> None:  # noqa: ARG001 the signature is `closing.Check`
    """Asked before every case is closed: nobody who waits for a call is lost with it."""
    waiting = select(CallBack.id).where(CallBack.case_id == case.id, CallBack.ended_at.is_(None)).limit(1)
    if db.session.execute(waiting).first() is not None:
        raise CallStillOpen


def _open(public_id: uuid.UUID, kinds: Collection[str]) -> CallBack:
    call = call_named(public_id, kinds)
    if call.ended_at is not None:
        raise CallEnded
    return call
