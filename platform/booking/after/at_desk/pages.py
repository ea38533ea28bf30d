"""One appointment, for the owner of a case about it: what both sides said, what is owed and was paid, and a decision where they say different things."""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.identity import csrf_token
from booking.after.late_fee import COMPLAINT, waive_as_owner
from booking.after.outcome import decide_contest
from booking.after.outcomes import DECIDED
from booking.letters import booking_with_people, client_names
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.due import FEES, PURPOSE
from booking.state_words import STATES
from core import audit
from core.access import allow, caller, role
from core.clock import now
from core.db import db
from core.errors import Invalid, NotFound
from desk.cases import owns_about, owns_case_about
from payments.ask import payments_of

PAGE = "desk/bookings"
blueprint = Blueprint("bookings_at_desk", __name__, template_folder="templates")
OUTCOMES = {
    "took_place": "It took place",
    "ended_early": "It took place and ended early",
    "client_absent": "The client did not come",
    "therapist_absent": "The therapist did not come",
    "technical_failure": "It failed for technical reasons",
    "unclear": "It is not clear",
}


@blueprint.get(f"/{PAGE}/<uuid:booking_id>")
@allow(role("admin"), records_reads=True)
def booking_of_case(booking_id: uuid.UUID) -> str:
    """How it stands. Reading it is recorded."""
    me = caller().require_person()
    facts = _facts(booking_id, me)
    audit.record("booking.read_at_desk", subject=("booking", booking_id), actor=me)
    return render_template("booking/at_desk.html", **facts, csrf_token=csrf_token())


@blueprint.post(f"/{PAGE}/<uuid:booking_id>")
@allow(role("admin"))
def decide_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Say how it was, which closes the case; or let the client off."""
    act, me = request.form.get("act", ""), caller().require_person()
    if act in DECIDED:
        decide_contest(booking_id, act, by=me, now=now())
        return redirect("/desk/cases", 303)
    if act != "waive":
        raise Invalid("Please press one of the buttons.")
    waive_as_owner(booking_id, by=me, now=now())
    return redirect(f"/{PAGE}/{booking_id}", 303)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
decide_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _facts(booking_id: uuid.UUID, me: int) -> dict[str, Any]:
    found = db.session.scalars(select(Booking).where(Booking.public_id == booking_id).options(joinedload(Booking.owed))).one_or_none()
    if found is None or not owns_about(("booking", str(booking_id)), by=me):
        raise NotFound
    booking = booking_with_people(found.id)
    payments = [payment for purpose in (PURPOSE, *FEES) for payment in payments_of([booking_id], purpose).values()]
    owed, is_complaint = found.owed, owns_case_about(COMPLAINT, ("booking", str(booking_id)), by=me)
    return {
        "when": f"{booking.starts_at:%Y-%m-%d %H:%M} to {booking.ends_at:%H:%M} UTC",
        "therapist": booking.therapist.display_name,
        "clients": client_names(booking),
        "state": STATES[booking.state],
        "said": OUTCOMES.get(booking.outcome or "", ""),
        "said_by": "the therapist" if booking.outcome_by == booking.therapist_id else "the client",
        "owed": f"{owed.fee}, {owed.reason.replace('_', ' ')}{', waived' if owed.waived_at else ''}" if owed else "",
        "may_waive": owed is not None and owed.waived_at is None and not booking.is_group and is_complaint,
        "decisions": OUTCOMES if booking.contested_at is not None and booking.stands is State.CONFIRMED else {},
        "payments": [(each.public_id, each.asked, each.state) for each in payments],
    }
