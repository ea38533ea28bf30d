"""The waitlist over HTTP: a client's places in line and what is offered to them; a therapist's numbers."""

import uuid
from typing import Any

from booking.reading import BookingShown, show
from booking.schemas import BookingSchema
from booking.waitlist.answer_offer import accept_offer, offer_to, pass_offer
from booking.waitlist.join import join_waitlist, leave_waitlist
from booking.waitlist.reading import EntriesShown, EntryShown, LineShown, entries_of, line_of, show_entry
from booking.waitlist.schemas import EntryPageSchema, EntrySchema, JoinSchema, LineSchema, SwitchSchema
from booking.waitlist.still_looking import say_still_looking
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.http import Blueprint, PageQuery
from core.idempotency import idempotent
from therapists.profile import edit_profile, profile_for_edit

waitlist = Blueprint("waitlist", __name__, url_prefix="/api/v1/waitlist", description="Waiting for an opening of a therapist")
line = Blueprint("line", __name__, url_prefix="/api/v1/therapist/waitlist", description="How many wait for a therapist")
blueprints = (waitlist, line)
KEY = ("Idempotency-Key", "A name of your own for this attempt: sent again with it, the request is done once and answered alike.")


@waitlist.post("")
@allow(confirmed)
@waitlist.hears(*KEY)
@idempotent
@waitlist.takes(JoinSchema)
@waitlist.gives(201, EntrySchema)
def join(body: dict[str, Any]) -> EntryShown:
    """Wait for a service of a therapist. At most five places at a time."""
    entry = join_waitlist(_me(), **body, now=now())
    return show_entry(entry.public_id, client_id=_me(), now=now())


@waitlist.get("")
@allow(signed_in)
@waitlist.takes(PageQuery, location="query")
@waitlist.gives(200, EntryPageSchema)
def list_entries(query: dict[str, Any]) -> EntriesShown:
    """Your places, those that are over included; the newest first."""
    return entries_of(_me(), limit=query["limit"], cursor=query.get("cursor"), now=now())


@waitlist.get("/<uuid:entry_id>")
@allow(signed_in)
@waitlist.gives(200, EntrySchema)
def read_entry(entry_id: uuid.UUID) -> EntryShown:
    """One place of yours."""
    return show_entry(entry_id, client_id=_me(), now=now())


@waitlist.post("/<uuid:entry_id>/leave")
@allow(signed_in)
@waitlist.gives(200, EntrySchema)
def leave(entry_id: uuid.UUID) -> EntryShown:
    """Give your place up."""
    leave_waitlist(entry_id, by=_me(), now=now())
    return show_entry(entry_id, client_id=_me(), now=now())


@waitlist.post("/<uuid:entry_id>/still-looking")
@allow(signed_in)
@waitlist.gives(200, EntrySchema)
def still_looking(entry_id: uuid.UUID) -> EntryShown:
    """Say that you are still looking."""
    say_still_looking(entry_id, by=_me(), now=now())
    return show_entry(entry_id, client_id=_me(), now=now())


@waitlist.post("/<uuid:entry_id>/accept")
@allow(confirmed)
@waitlist.hears(*KEY)
@idempotent
@waitlist.gives(200, BookingSchema)
def accept(entry_id: uuid.UUID) -> BookingShown:
    """Take the opening that is offered to you: at once, or as a request, as the service says."""
    booking = accept_offer(offer_to(_me(), entry_id), now=now())
    return show(booking.public_id, person_id=_me(), now=now())


@waitlist.post("/<uuid:entry_id>/pass")
@allow(signed_in)
@waitlist.gives(200, EntrySchema)
def pass_on(entry_id: uuid.UUID) -> EntryShown:
    """Pass the offer on to the next person. You keep your place."""
    pass_offer(offer_to(_me(), entry_id), now=now())
    return show_entry(entry_id, client_id=_me(), now=now())


@line.get("")
@allow(role("therapist"))
@line.gives(200, LineSchema)
def read_line() -> LineShown:
    """How many wait for you. You learn who it is when they accept."""
    return line_of(_me())


@line.put("")
@allow(role("therapist"))
@line.takes(SwitchSchema)
@line.gives(200, LineSchema)
def switch(body: dict[str, Any]) -> LineShown:
    """Open or close your waitlist. Whoever waits already keeps their place."""
    edit_profile(profile_for_edit(_me()), {"waitlist_open": body["open"]}, now=now())
    return line_of(_me())


def _me() -> int:
    return caller().require_person()
