"""Asking for a call and taking that back: the person's side."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.consent import give_consent, require_current_texts
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from desk.call_backs.forget import forget
from desk.call_backs.models import CallBack
from desk.call_backs.windows import next_window, refused_windows
from desk.cases import dismiss_cases_about, open_case
from desk.duty import Hours, refused_hours
from desk.models import Case

PURPOSE = "call_back"
KIND = "call_back"
SUBJECT = "call_back"


class AlreadyAsked(Conflict):
    code, detail = "already_asked", "You have asked for a call already. Take that back first if something about it should change."


@dataclass(frozen=True, slots=True)
class CallWished:
    """`phone` in E.164; `windows` as `CallBack.windows`, in `zone`; `consent` the version of the text that was read."""

    phone: str
    zone: str
    windows: Hours
    voicemail_safe: bool
    topic: str
    consent: str


def ask_for_call(person_id: int, wished: CallWished, *, now: datetime, case: Case | None = None) -> CallBack:
    """Keep it, with a case of the matching guides, or on the `case` of somebody else who is to call. Its clock runs out when the first window does.

    AlreadyAsked while one is open; Invalid by field, also for another consent text than today's.
    """
    if (wrong := refused_hours(wished.windows) or refused_windows(wished.windows)) is not None:
        raise Invalid(errors={"windows": [wrong]})
    require_current_texts({PURPOSE: wished.consent})
    first = next_window(wished.windows, wished.zone, now)
    if first is None:
        raise Invalid(errors={"windows": ["None of these times comes within a week."]})
    if open_call_of(person_id) is not None:
        raise AlreadyAsked
    give_consent(person_id, PURPOSE, text_version=wished.consent, now=now)
    public_id = uuid.uuid4()
    if case is None:
        case = open_case(KIND, subject=(SUBJECT, str(public_id)), now=now, due_in=first[1] - now, person_id=person_id)
    else:
        case.due_at = min(case.due_at, first[1])
    call = CallBack(
        public_id=public_id,
        person_id=person_id,
        case_id=case.id,
        topic=wished.topic,
        zone=wished.zone,
        windows=[list(each) for each in wished.windows],
        voicemail_safe=wished.voicemail_safe,
        consent_text_version=wished.consent,
        asked_at=now,
    )
    call.phone = wished.phone
    db.session.add(call)
    db.session.flush()
    audit.record("desk.call_asked", subject=("call_back", public_id), actor=person_id, topic=wished.topic)
    return call


def open_call_of(person_id: int) -> CallBack | None:
    """The call that this person waits for."""
    wanted = select(CallBack).where(CallBack.person_id == person_id, CallBack.ended_at.is_(None))
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def read_own_call(person_id: int) -> CallBack:
    """The newest of this person, with its case. NotFound without any."""
    wanted = select(CallBack).where(CallBack.person_id == person_id).order_by(CallBack.asked_at.desc(), CallBack.id.desc()).limit(1)
    call = db.session.scalars(wanted.options(joinedload(CallBack.case)).execution_options(populate_existing=True)).one_or_none()
    if call is None:
        raise NotFound
    return call


def withdraw_call(person_id: int, *, now: datetime) -> None:
    """Nobody calls any more, and the number goes at once. NotFound when none is open."""
    call = open_call_of(person_id)
    if call is None:
        raise NotFound
    end_call(call, "withdrawn", now=now)
    audit.record("desk.call_withdrawn", subject=("call_back", call.public_id), actor=person_id)


def withdraw_without_consent(person_id: int, purpose: str, now: datetime) -> None:
    """Told by accounts, in the transaction of the withdrawal."""
    call = open_call_of(person_id) if purpose == PURPOSE else None
    if call is not None:
        end_call(call, "withdrawn", now=now)


def adopt_calls(from_person_id: int, to_person_id: int, *, now: datetime) -> None:
    """A guest's calls become the account's. With one open on both sides the account's stays."""
    mine, theirs = open_call_of(to_person_id), open_call_of(from_person_id)
    if mine is not None and theirs is not None:
        end_call(theirs, "merged", now=now)
    moved = select(CallBack).where(CallBack.person_id == from_person_id).options(joinedload(CallBack.case)).with_for_update(of=CallBack)
    for call in db.session.scalars(moved).all():
        call.person_id = to_person_id
        if call.case.kind == KIND:
            call.case.person_id = to_person_id
    db.session.flush()


def end_call(call: CallBack, outcome: str, *, now: datetime) -> None:
    """Not by a person at the desk: its own case closes with it, and where it was to go is forgotten at once. One that is over stays as it is."""
    # The case before the call, as whoever works on it takes their locks.
    db.session.execute(select(Case.id).where(Case.id == call.case_id).with_for_update())
    db.session.refresh(call, with_for_update=True)
    if call.ended_at is not None:
        return
    call.ended_at, call.outcome = now, outcome
    forget(call, now=now)
    db.session.flush()
    dismiss_cases_about(KIND, (SUBJECT, str(call.public_id)), outcome="not_needed", by=None, now=now)
