"""The professional executor: a colleague who has agreed to act when the therapist suddenly cannot. Named on joining, confirmed every year.

Who they are is read by the therapist, and on a sudden stop by whoever owns its case; every reading of that kind is recorded.
"""

import uuid
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select

from accounts.address import normal_address
from accounts.people import recipient_of
from core import audit
from core.db import db
from core.errors import Conflict, Invalid, NotFound
from desk.cases import NotOwned, owns_case_about
from notices.outbox import send
from notices.recipient import Recipient
from therapists.leaving_models import Executor, SuddenStop
from therapists.models import Therapist

CONFIRMED_EVERY = timedelta(days=365)
AT_ONCE = 500


class ExecutorMissing(Conflict):
    code, detail = "executor_missing", "Please name a professional executor first: a colleague who acts if you suddenly cannot."


def name_executor(therapist: Therapist, *, name: str, email: str, agreed_on: date, now: datetime, phone: str | None = None) -> Executor:
    """State who it is and since when they have agreed; a later statement takes the place of the earlier one. Invalid for oneself, or a day to come."""
    own = recipient_of(therapist.person_id)
    address = normal_address(email)
    if address is None:
        raise Invalid(errors={"email": ["Not a mail address."]})
    if own is not None and own.address == address:
        raise Invalid(errors={"email": ["Somebody else than yourself."]})
    if agreed_on > now.date() + timedelta(days=1):
        raise Invalid(errors={"agreed_on": ["A day that is over, or today."]})
    executor = executor_of(therapist.person_id)
    if executor is None:
        executor = Executor(therapist_id=therapist.person_id, public_id=uuid.uuid4())
        db.session.add(executor)
    executor.name, executor.email, executor.phone = name, address, phone
    executor.agreed_on, executor.named_at, executor.confirmed_at, executor.asked_at = agreed_on, now, now, None
    db.session.flush()
    audit.record("therapists.executor_named", subject=("therapist", therapist.public_id), actor=therapist.person_id)
    return executor


def confirm_executor(therapist: Therapist, *, now: datetime) -> Executor:
    """Nothing has changed, and they still agree. NotFound without one."""
    executor = require_executor(therapist.person_id)
    executor.confirmed_at, executor.asked_at = now, None
    db.session.flush()
    audit.record("therapists.executor_confirmed", subject=("therapist", therapist.public_id), actor=therapist.person_id)
    return executor


def require_executor(therapist_id: int) -> Executor:
    """NotFound without one."""
    executor = executor_of(therapist_id)
    if executor is None:
        raise NotFound(code="executor_missing")
    return executor


def executor_of(therapist_id: int) -> Executor | None:
    wanted = select(Executor).where(Executor.therapist_id == therapist_id)
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def has_executor(therapist_id: int) -> bool:
    return db.session.execute(select(Executor.therapist_id).where(Executor.therapist_id == therapist_id)).first() is not None


def executor_for_stop(stop_id: UUID, *, by: int) -> Executor:
    """For whoever owns the case of a stop in force; recorded. NotFound for a stop that is lifted, NotOwned for everybody else."""
    stop = db.session.scalars(select(SuddenStop).where(SuddenStop.public_id == stop_id, SuddenStop.lifted_at.is_(None))).one_or_none()
    if stop is None:
        raise NotFound
    if not owns_case_about("leaving", ("sudden_stop", str(stop_id)), by=by):
        raise NotOwned
    executor = require_executor(stop.therapist_id)
    audit.record("therapists.executor_read", subject=("sudden_stop", stop_id), actor=by)
    return executor


def ask_executor(therapist: Therapist, *, once: str, now: datetime) -> None:
    """Ask the executor, if there is one, to get in touch. The subject says nothing."""
    executor = executor_of(therapist.person_id)
    if executor is None or executor.email is None:
        return
    facts = {"name": executor.name, "therapist": therapist.display_name}
    recipient = Recipient(executor.email, "en", therapist.zone)
    send(recipient, kind="executor_asked", template="therapists/executor_asked", facts=facts, once=once, now=now)


def ask_for_confirmation(*, now: datetime) -> None:
    """Once a year: is it still the same person, and do they still agree?"""
    last = func.coalesce(Executor.asked_at, Executor.confirmed_at)
    due = select(Executor, Therapist.display_name).join(Therapist, Therapist.person_id == Executor.therapist_id)
    due = due.where(last <= now - CONFIRMED_EVERY).order_by(Executor.therapist_id).limit(AT_ONCE).with_for_update(of=Executor, skip_locked=True)
    for executor, name in db.session.execute(due).all():
        executor.asked_at = now
        recipient = recipient_of(executor.therapist_id)
        if recipient is not None:
            once = f"executor-yearly:{executor.therapist_id}:{now:%Y-%m-%d}"
            facts = {"name": name}
            template = "therapists/executor_yearly"
            send(recipient, kind="executor_yearly", template=template, facts=facts, once=once, now=now, person_id=executor.therapist_id)
