"""A client's places on waitlists, with what is offered to them, and joining one; a therapist's numbers. Every press is an act of the API."""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from booking.appointments.pages import PAGE as APPOINTMENTS
from booking.choosing.choice import chosen_in, title_of
from booking.choosing.pages import own_zone
from booking.letters import MODES
from booking.meeting import BOOK_PAGE
from booking.waitlist.answer_offer import accept_offer, offer_to, pass_offer
from booking.waitlist.join import join_waitlist, leave_waitlist
from booking.waitlist.own.form import wishes_in_words, wishes_sent
from booking.waitlist.reading import EntryShown, entries_of, line_of
from booking.waitlist.schemas import JoinSchema
from booking.waitlist.still_looking import say_still_looking
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_of, named_as_filled_in, read_through, refusal_of
from notices.letter import local_time
from therapists.practice_pages.hours.form import WEEK
from therapists.profile import edit_profile, profile_for_edit

PAGE, LINE_PAGE = "my-waitlist", "who-waits"
blueprint = Blueprint("own_waitlist_pages", __name__, template_folder="templates")
SEE_OTHER = 303
AT_ONCE = 50
FORM = frozenset({"form"})
STATES = {
    "waiting": "You wait",
    "offered": "Something is offered to you",
    "fulfilled": "You took an offer",
    "left": "You gave your place up",
    "removed": "Your place has ended",
}
ENDS = {
    "lapsed_often": "three offers went by without an answer",
    "unanswered": "we asked whether you are still looking, and heard nothing",
    "dates_over": "your dates are over",
}


@blueprint.get(f"/{PAGE}")
@allow(signed_in)
def waitlist_page() -> ResponseReturnValue:
    """My places, the newest first."""
    return _own()


@blueprint.post(f"/{PAGE}/<uuid:entry_id>")
@allow(confirmed)
def answer_here(entry_id: uuid.UUID) -> ResponseReturnValue:
    """Take what is offered, pass it on, say that one is still looking, or leave."""
    at, me = now(), caller().require_person()
    acts: dict[str, Callable[[], object]] = {
        "accept": lambda: accept_offer(offer_to(me, entry_id), now=at),
        "pass": lambda: pass_offer(offer_to(me, entry_id), now=at),
        "looking": lambda: say_still_looking(entry_id, by=me, now=at),
        "leave": lambda: leave_waitlist(entry_id, by=me, now=at),
    }
    act = request.form.get("act", "")
    refused = refusal_of(acts.get(act, _no_button))
    if refused:
        return _own(refused)
    return redirect(f"/{APPOINTMENTS if act == 'accept' else PAGE}", SEE_OTHER)


@blueprint.get(f"/{PAGE}/join/<uuid:service_id>")
@allow(signed_in)
def join_page(service_id: uuid.UUID) -> ResponseReturnValue:
    """What would suit, before one joins."""
    return _join(service_id)


@blueprint.post(f"/{PAGE}/join/<uuid:service_id>")
@allow(confirmed)
def join_here(service_id: uuid.UUID) -> ResponseReturnValue:
    """Wait for it."""

    def act() -> None:
        body, places = wishes_sent(request.form)
        try:
            wishes = read_through(JoinSchema, {"service_id": str(service_id), **body})
            join_waitlist(caller().require_person(), **wishes, now=now())
        except DomainError as refused:
            raise named_as_filled_in(refused, places) from refused

    refused = refusal_of(act)
    return _join(service_id, refused) if refused else redirect(f"/{PAGE}", SEE_OTHER)


@blueprint.get(f"/{LINE_PAGE}")
@allow(role("therapist"))
def line_page() -> str:
    """How many wait for me, and for what. Who it is shows when they accept."""
    lines = [
        {"title": "First talk" if each.service.kind == "consultation" else "Session", "how": MODES.get(each.service.mode, ""), "line": each}
        for each in line_of(caller().require_person()).services
    ]
    return render_template("booking/who_waits.html", line=line_of(caller().require_person()), lines=lines, csrf_token=csrf_token())


@blueprint.post(f"/{LINE_PAGE}")
@allow(role("therapist"))
def switch_here() -> ResponseReturnValue:
    """Open or close the waitlist. Whoever waits keeps their place."""
    if request.form.get("act") not in ("open", "close"):
        _no_button()
    edit_profile(profile_for_edit(caller().require_person()), {"waitlist_open": request.form["act"] == "open"}, now=now())
    return redirect(f"/{LINE_PAGE}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
answer_here.__takes__ = FORM  # type: ignore[attr-defined]
join_here.__takes__ = FORM  # type: ignore[attr-defined]
switch_here.__takes__ = FORM  # type: ignore[attr-defined]


def _no_button() -> None:
    raise Invalid("Please press one of the buttons.")


def _own(refused: DomainError | None = None) -> ResponseReturnValue:
    found, zone = entries_of(caller().require_person(), limit=AT_ONCE, cursor=None, now=now()), own_zone()
    lines = [_line(each, zone) for each in found.items]
    alive, over = [each for each in lines if each["is_alive"]], [each for each in lines if not each["is_alive"]]
    page = render_template("booking/my_waitlist.html", alive=alive, over=over, refusal=refused.in_words if refused else "", csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _line(entry: EntryShown, zone: str) -> dict[str, Any]:
    offer = entry.offer
    return {
        "entry": entry,
        "who": entry.therapist.name,
        "what": ("A first talk" if entry.service.kind == "consultation" else "A session")
        + f", {entry.service.minutes} minutes {MODES.get(entry.service.mode, '')}",
        "wishes": wishes_in_words(entry),
        "state": STATES[entry.state] + (f": {ENDS[entry.end_reason]}" if entry.end_reason else ""),
        "is_alive": entry.state in ("waiting", "offered"),
        "since": local_time(entry.joined_at, zone),
        "offer": {"when": local_time(offer.start, zone), "minutes": offer.minutes, "until": local_time(offer.expires_at, zone)} if offer else None,
    }


def _join(service_id: uuid.UUID, refused: DomainError | None = None) -> ResponseReturnValue:
    choice, zone = chosen_in(service_id), own_zone()
    free = [datetime.fromisoformat(each) for each in (refused.extra.get("openings", ()) if refused else ())]
    facts: dict[str, Any] = {
        "form": form_of({}, refused),
        "choice": choice,
        "title": title_of(choice.service),
        "how": MODES.get(choice.service.mode, ""),
        "days": list(enumerate(WEEK)),
        "free": [(f"/{BOOK_PAGE}/{service_id}/{int(each.timestamp())}", local_time(each, zone)) for each in free],
        "zone": zone,
    }
    page = render_template("booking/join_waitlist.html", **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page
