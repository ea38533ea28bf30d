"""A therapist's clients by page: proposing a time or a series to one in care, taking it back, and inviting somebody whom they bring along. For clients what was
proposed to them, to answer signed in; the mail's link has a page without signing in (`booking.pages`).
"""

import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from accounts.identity import csrf_token
from accounts.models import Person
from booking.choosing.choice import title_of
from booking.choosing.pages import own_zone
from booking.letters import MODES
from booking.paying.charge_letters import PRICE_PAGE
from booking.proposals.answer import accept_proposal, decline_proposal, withdraw_proposal
from booking.proposals.propose import propose
from booking.proposals.reading import ProposalShown, proposals_by, proposals_to
from booking.proposals.routes import ProposedSeriesSchema, ProposeSchema
from booking.series.book import Repeated
from booking.series.pages import WAYS
from care.invitation_routes import InviteClientSchema
from care.invite import invitations_of, invite_client, send_again, withdraw_invitation
from care.models import CareRelation
from care.relation import IN_CARE
from core.access import allow, caller, confirmed, role, signed_in
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.forms import form_of, read_through, refusal_of, wall_time, whole_number
from core.http import as_text
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary
from therapists.models import Service
from therapists.profile import own_profile

CLIENTS, RECEIVED = "my-clients", "proposed-to-me"
blueprint = Blueprint("proposal_pages", __name__, template_folder="templates")
therapist_only = role("therapist")
SEE_OTHER = 303
AT_ONCE = 50
FORM = frozenset({"form"})
STATES = {"waiting": "Waits for an answer", "accepted": "Accepted", "declined": "Declined", "withdrawn": "Taken back", "lapsed": "Over without an answer"}
OUTCOMES = {None: "Waits for an answer", "accepted": "Accepted", "declined": "Declined", "withdrawn": "Taken back", "lapsed": "Over without an answer"}
CARE = {"trial": "First talk", "active": "In care", "paused": "Paused"}


@blueprint.get(f"/{CLIENTS}")
@allow(therapist_only)
def clients_page() -> ResponseReturnValue:
    """Who is in care with me, what I proposed, and whom I invited."""
    return _clients()


@blueprint.post(f"/{CLIENTS}")
@allow(therapist_only)
def invite_here() -> ResponseReturnValue:
    """Invite somebody by mail. The page says the same whether or not the address is known here."""

    def act() -> None:
        asked = {name: request.form.get(name, "").strip() for name in ("email", "unit")}
        read = read_through(InviteClientSchema, asked)
        invite_client(_me(), read["email"], unit=read["unit"], now=now())

    refused = refusal_of(act)
    return _clients(refused) if refused else redirect(f"/{CLIENTS}", SEE_OTHER)


@blueprint.post(f"/{CLIENTS}/invitation/<uuid:invitation_id>")
@allow(therapist_only)
def change_invitation_here(invitation_id: uuid.UUID) -> ResponseReturnValue:
    """Send it again, or take it back."""
    acts: dict[str, Callable[..., object]] = {"again": send_again, "withdraw": withdraw_invitation}
    acts.get(request.form.get("act", ""), _no_button)(invitation_id, by=_me(), now=now())
    return redirect(f"/{CLIENTS}", SEE_OTHER)


@blueprint.post(f"/{CLIENTS}/proposal/<uuid:proposal_id>")
@allow(therapist_only)
def withdraw_here(proposal_id: uuid.UUID) -> ResponseReturnValue:
    """Take a proposal back before it is answered."""
    withdraw_proposal(proposal_id, by=_me(), now=now())
    return redirect(f"/{CLIENTS}", SEE_OTHER)


@blueprint.get(f"/{CLIENTS}/<uuid:client_id>/propose")
@allow(therapist_only)
def propose_page(client_id: uuid.UUID) -> ResponseReturnValue:
    """A time for one of them, once or again."""
    return _propose(client_id)


@blueprint.post(f"/{CLIENTS}/<uuid:client_id>/propose")
@allow(therapist_only)
def propose_here(client_id: uuid.UUID) -> ResponseReturnValue:
    """Hold it for them, and mail them one link."""
    refused = refusal_of(lambda: _make(client_id))
    return _propose(client_id, refused) if refused else redirect(f"/{CLIENTS}", SEE_OTHER)


@blueprint.get(f"/{RECEIVED}")
@allow(signed_in)
def received_page() -> ResponseReturnValue:
    """What was proposed to me, the latest first."""
    return _received()


@blueprint.post(f"/{RECEIVED}/<uuid:proposal_id>")
@allow(confirmed)
def answer_proposal_here(proposal_id: uuid.UUID) -> ResponseReturnValue:
    """Say yes or no, to all its times."""
    acts: dict[str, Callable[..., object]] = {"yes": accept_proposal, "no": decline_proposal}
    refused = refusal_of(lambda: acts.get(request.form.get("answer", ""), _no_button)(proposal_id, by=_me(), now=now()))
    return _received(refused) if refused else redirect(f"/{RECEIVED}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
invite_here.__takes__ = FORM  # type: ignore[attr-defined]
change_invitation_here.__takes__ = FORM  # type: ignore[attr-defined]
withdraw_here.__takes__ = FORM  # type: ignore[attr-defined]
propose_here.__takes__ = FORM  # type: ignore[attr-defined]
answer_proposal_here.__takes__ = FORM  # type: ignore[attr-defined]


def _no_button(_: uuid.UUID, *, by: int, now: datetime) -> None:  # noqa: ARG001 the signature of the acts
    raise Invalid("Please press one of the buttons.")


def _make(client_id: uuid.UUID) -> None:
    sent = {name: request.form.get(name, "").strip() for name in ("service_id", "start", "minutes", "count", "every_weeks", "on_conflict")}
    start = wall_time("start", sent["start"], own_profile(_me()).zone)
    minutes = {"minutes": whole_number(sent["minutes"])} if sent["minutes"] else {}
    read = read_through(ProposeSchema, {"client_id": str(client_id), "service_id": sent["service_id"], "start": as_text(start), **minutes})
    repeated = None
    if request.form.get("again") == "yes":
        numbers = {name: whole_number(sent[name]) for name in ("count", "every_weeks")}
        again = read_through(ProposedSeriesSchema, {**numbers, "on_conflict": sent["on_conflict"]})
        repeated = Repeated(again["every_weeks"], again["count"], again["on_conflict"])
    propose(_me(), client_id, read["service_id"], read["start"], minutes=read.get("minutes"), repeated=repeated, now=now())


def _in_care() -> dict[uuid.UUID, tuple[str, str]]:
    """Who is in care with me, by their public id: name and how the relation stands."""
    mine = select(Person, CareRelation.state).join(CareRelation, CareRelation.client_id == Person.id)
    rows = db.session.execute(mine.where(CareRelation.therapist_id == _me(), CareRelation.state.in_(IN_CARE)).order_by(Person.id))
    return {person.public_id: (person.name or "Without a name", CARE[state]) for person, state in rows}


def _clients(refused: DomainError | None = None) -> ResponseReturnValue:
    zone = own_profile(_me()).zone
    made = proposals_by(_me(), limit=AT_ONCE, cursor=None, now=now())
    invited = [
        {
            "id": each.public_id,
            "address": each.address or "The address is gone",
            "state": OUTCOMES[each.outcome] if each.outcome or each.lapses_at > now() else OUTCOMES["lapsed"],
            "is_open": each.outcome is None and each.lapses_at > now(),
            "until": local_time(each.lapses_at, zone),
        }
        for each in invitations_of(_me(), limit=AT_ONCE, before=None)
    ]
    facts: dict[str, Any] = {
        "clients": _in_care(),
        "proposals": [_line(each, zone) for each in made.items],
        "invited": invited,
        "form": form_of({"unit": "individual"}, refused),
        "units": [(slug, each.label) for slug, each in vocabulary().facets["units"].items()],
    }
    page = render_template("booking/my_clients.html", **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _line(each: ProposalShown, zone: str) -> dict[str, Any]:
    return {
        "id": each.public_id,
        "therapist": each.therapist.name,
        "client": each.client.name or "Without a name",
        "times": [local_time(time.starts_at, zone) for time in each.times],
        "every_weeks": each.every_weeks,
        "fee": each.times[0].fee if each.times and each.times[0].fee.amount else None,
        "price": f"/{PRICE_PAGE}/{each.times[0].booking_id}" if each.times else "",
        "state": STATES[each.state],
        "is_open": each.state == "waiting",
        "until": local_time(each.lapses_at, zone),
    }


def _propose(client_id: uuid.UUID, refused: DomainError | None = None) -> ResponseReturnValue:
    client, mine = _in_care().get(client_id), own_profile(_me())
    if client is None:
        raise NotFound
    services = [each for each in mine.services if each.active and each.seats is None]
    conflicts = refused.extra.get("conflicts", ()) if refused else ()
    facts: dict[str, Any] = {
        "name": client[0],
        "zone": mine.zone,
        "form": form_of({"count": "8", "every_weeks": "1", "on_conflict": "refuse"}, refused),
        "services": [(str(each.public_id), _offered(each)) for each in services],
        "ways": WAYS,
        "conflicts": [{"when": each["wall"].replace("T", ", ")[:17], "why": " ".join(why["detail"] for why in each["reasons"])} for each in conflicts],
    }
    page = render_template("booking/propose.html", **facts, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _offered(service: Service) -> str:
    lengths = ", ".join(str(each) for each in (service.minutes, *(length.minutes for length in service.lengths)))
    return f"{title_of(service)}, {lengths} minutes {MODES.get(service.mode, '')}"


def _received(refused: DomainError | None = None) -> ResponseReturnValue:
    found, zone = proposals_to(_me(), limit=AT_ONCE, cursor=None, now=now()), own_zone()
    lines = [_line(each, zone) for each in found.items]
    page = render_template("booking/proposed_to_me.html", proposals=lines, refusal=refused.in_words if refused else "", csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _me() -> int:
    return caller().require_person()
