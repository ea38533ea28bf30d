"""The page of one appointment after it began, for either side: say how it went, contest what the other side said, say that something is not right, and let a
client off a fee. The mails about it lead here.
"""

import uuid
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.after.complain import complain
from booking.after.late_fee import waive_fee
from booking.after.outcome import contest_outcome, report_outcome
from booking.after.outcomes import REPORTS
from booking.meeting import AFTER_PAGE
from booking.reading import BookingShown, show
from booking.schemas import LONGEST_NOTE, ComplaintSchema
from booking.state_words import STATES
from core.access import allow, caller, confirmed, signed_in
from core.clock import now
from core.errors import Invalid
from core.forms import form_id, read_through
from notices.letter import local_time

blueprint = Blueprint("after_pages", __name__, template_folder="templates")
# By who reads: what a report says, and the same as the other side said it.
WORDS = {
    "took_place": {"therapist": "It took place", "client": "It took place"},
    "ended_early": {"therapist": "It took place and ended early", "client": "It took place and ended early"},
    "client_absent": {"therapist": "My client did not come", "client": "You did not come"},
    "therapist_absent": {"therapist": "You did not come", "client": "My therapist did not come"},
    "technical_failure": {"therapist": "It failed for technical reasons", "client": "It failed for technical reasons"},
    "unclear": {"therapist": "It is not clear how it went", "client": "It is not clear how it went"},
}
FEES = {"cancelled_late": "for calling it off late", "absent": "for not coming"}
SAID = "A person looks at it. Until they have, nothing more is charged or paid out for it."
BUTTON = "Please press one of the buttons."


@blueprint.get(f"/{AFTER_PAGE}/<uuid:booking_id>")
@allow(signed_in)
def after_page(booking_id: uuid.UUID) -> str:
    """How it stands, and what its reader can say."""
    me = caller().require_person()
    return render_template("booking/after.html", **_facts(show(booking_id, person_id=me, now=now())), longest=LONGEST_NOTE, csrf_token=csrf_token())


@blueprint.post(f"/{AFTER_PAGE}/<uuid:booking_id>")
@allow(confirmed)
def say_here(booking_id: uuid.UUID) -> ResponseReturnValue:
    """Take what they say."""
    me, act = caller().require_person(), request.form.get("act", "")
    if act in REPORTS:
        report_outcome(booking_id, act, by=me, now=now())
    elif act == "contest":
        contest_outcome(booking_id, by=me, note=_note(), now=now())
    elif act == "complain":
        complain(booking_id, by=me, note=_note(), now=now())
    elif act == "waive":
        waive_fee(booking_id, client_id=form_id("client", otherwise=BUTTON) if request.form.get("client") else None, by=me, now=now())
    else:
        raise Invalid(BUTTON)
    if act in ("contest", "complain"):
        return render_template("accounts/done.html", title="Thank you", text=SAID)
    return redirect(f"/{AFTER_PAGE}/{booking_id}", 303)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
say_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _note() -> str | None:
    note: str | None = read_through(ComplaintSchema, {"note": request.form.get("note", "").replace("\r\n", "\n").strip()}).get("note")
    return note


def _facts(shown: BookingShown) -> dict[str, Any]:
    owed = shown.owed if shown.owed is not None and shown.owed.waived_at is None else None
    others = [("", shown.therapist.name)] if shown.role == "client" else [(each.public_id, each.name or "Somebody") for each in shown.clients]
    seats = [(each.client.public_id, each.client.name or "Somebody", each.owed.fee) for each in shown.seats_owed if each.owed.waived_at is None]
    return {
        "shown": shown,
        "when": local_time(shown.starts_at, shown.zone),
        "with_whom": " and ".join(name or "Somebody" for _, name in others),
        "state": STATES[shown.state],
        "outcome": WORDS[shown.outcome][shown.role] if shown.outcome else "",
        "reports": [(each, WORDS[each][shown.role]) for each in shown.reports],
        "contest_until": local_time(shown.contest_until, shown.zone) if shown.contest_until else "",
        "owed": f"{owed.fee} {FEES[owed.reason]}" if owed is not None else "",
        "seats": seats,
    }
