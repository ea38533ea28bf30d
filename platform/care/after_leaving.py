"""A therapist leaves, or cannot work on: whoever is in care with them is written to, and at the end the relations end.

After a sudden stop people read only that sessions cannot take place, and where help is: never why, and no promise that somebody gets in touch.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from accounts.people import recipient_of
from care.models import CareRelation
from care.places import places_of
from care.relation import IN_CARE, end_care
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job
from notices.outbox import send
from taxonomy.vocabulary import vocabulary
from therapists.leaving import day_in_words, leave_by_id
from therapists.leaving_models import PlannedLeave, SuddenStop
from therapists.models import Therapist
from therapists.stop_at_once import stop_by_id

LEFT = "therapist_left"


def write_of_leave(leave: PlannedLeave, now: datetime) -> None:  # noqa: ARG001 the signature of such news
    """It is settled what they read."""
    tell_of_leave.enqueue(leave_id=leave.id)


def write_of_stay(leave: PlannedLeave, now: datetime) -> None:  # noqa: ARG001
    """Only who was told that the therapist leaves is told that they stay."""
    if leave.is_told:
        tell_of_stay.enqueue(leave_id=leave.id)


def end_relations(leave: PlannedLeave, now: datetime) -> None:
    """The last day is over."""
    wanted = select(CareRelation.client_id).where(CareRelation.therapist_id == leave.therapist_id, CareRelation.state != "ended")
    for client_id in db.session.execute(wanted.order_by(CareRelation.id)).scalars().all():
        end_care(leave.therapist_id, client_id, reason=LEFT, now=now)


def write_of_stop(stop: SuddenStop, now: datetime) -> None:  # noqa: ARG001
    tell_of_stop.enqueue(stop_id=stop.id)


def write_of_lift(stop: SuddenStop, now: datetime) -> None:  # noqa: ARG001
    tell_of_lift.enqueue(stop_id=stop.id)


@job("care.tell_of_leave")
def tell_of_leave(leave_id: int) -> None:
    """In the therapist's words once they are approved, else in ours."""
    leave = leave_by_id(leave_id)
    if leave.called_off_at is None:
        words = (leave.words or "").splitlines() if leave.words_state == "approved" else []
        facts = {"last_day": day_in_words(leave.last_day), "words": [line for line in words if line.strip()]}
        _write_to_all(leave.therapist_id, "therapist_leaves", facts, once=f"leave:{leave_id}", now=now_of_transaction())


@job("care.tell_of_stay")
def tell_of_stay(leave_id: int) -> None:
    """The leave was called off."""
    _write_to_all(leave_by_id(leave_id).therapist_id, "therapist_stays", {}, once=f"stay:{leave_id}", now=now_of_transaction())


@job("care.tell_of_stop")
def tell_of_stop(stop_id: int) -> None:
    """Sessions cannot take place. A stop that is lifted by now is not told any more."""
    stop = stop_by_id(stop_id)
    if stop.lifted_at is None:
        _write_to_all(stop.therapist_id, "sessions_stop", {}, once=f"stop:{stop_id}", now=now_of_transaction())


@job("care.tell_of_lift")
def tell_of_lift(stop_id: int) -> None:
    """Sessions can take place again."""
    _write_to_all(stop_by_id(stop_id).therapist_id, "sessions_go_on", {}, once=f"lift:{stop_id}", now=now_of_transaction())


def clients_in_care_of(therapist_id: int) -> Sequence[int]:
    """Everybody with more than a request, and not an end."""
    wanted = select(CareRelation.client_id).where(CareRelation.therapist_id == therapist_id, CareRelation.state.in_(IN_CARE))
    return db.session.execute(wanted.order_by(CareRelation.id)).scalars().all()


def _write_to_all(therapist_id: int, letter: str, facts: dict[str, Any], *, once: str, now: datetime) -> None:
    clients = clients_in_care_of(therapist_id)
    places = places_of(clients, at=now)
    name = db.session.execute(select(Therapist.display_name).where(Therapist.person_id == therapist_id)).scalar_one()
    for client_id in clients:
        recipient = recipient_of(client_id)
        if recipient is None:
            continue
        place = places[client_id].jurisdiction if client_id in places else ""
        everything = {"therapist": name, **facts, **_help_near(place, now=now)}
        send(recipient, kind=letter, template=f"care/{letter}", facts=everything, once=f"{once}:{client_id}", now=now, person_id=client_id)


def _help_near(place: str, *, now: datetime) -> dict[str, Any]:
    """What exists there: the emergency number, lines that a person has checked lately, a directory."""
    found = vocabulary().help_for(place, on=now.date())
    lines = [f"{line.name}: {line.number or line.sms or line.url}" for line in found.lines]
    return {"emergency_number": found.emergency_number or "", "lines": lines, "directory": f"{found.directory.name}: {found.directory.url}"}
