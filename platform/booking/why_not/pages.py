"""Ask of any start why it is not offered: in words, with every rule that removed it."""

import uuid
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from booking.for_others.pages import BOOK
from booking.meeting import WEEK_PAGE
from booking.on_behalf import TO_SET_ASIDE
from booking.openings.routes import STAFF
from booking.openings.why_not_offered import Reason, why_not_offered
from core.access import allow, caller, role
from core.clock import now
from core.db import db
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid, NotFound
from core.forms import form_of, wall_time, whole_number
from core.zones import zone as zone_named
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary
from taxonomy.words import phrase
from therapists.models import Service, Therapist

PAGE = "why-not"
blueprint = Blueprint("why_not_page", __name__, template_folder="templates")
FOUND_AT_ONCE = 20
LONGEST_NAME = 120


@blueprint.get(f"/{PAGE}")
@allow(role("therapist", *sorted(STAFF)))
def why_not_page() -> ResponseReturnValue:
    """Choose a service and a start, and read what removes it. Staff look for the therapist first."""
    therapist = _therapist()
    if therapist is None:
        return render_template("booking/why_not_whose.html", name=_asked("name"), found=_named(_asked("name")[:LONGEST_NAME]))
    services = db.session.scalars(select(Service).where(Service.therapist_id == therapist.person_id, Service.active).order_by(Service.id)).all()
    answer, refused = None, None
    if _asked("at"):
        try:
            answer = _answer(therapist, services)
        except DomainError as refusal:
            refused = refusal
    form = form_of(request.args, refused)
    facts = {"services": [(str(each.public_id), _title(each)) for each in services], "whose": therapist, "is_own": _is_own(therapist), "answer": answer}
    page = render_template("booking/why_not.html", form=form, **facts)
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


# `core.http.refuse_unexpected` asks what a view takes.
why_not_page.__takes__ = frozenset({"query"})  # type: ignore[attr-defined]


def _answer(therapist: Therapist, services: Any) -> dict[str, Any]:
    service = next((each for each in services if str(each.public_id) == _asked("service")), None)
    if service is None:
        raise Invalid(errors={"service": ["Choose one of the services."]})
    minutes = whole_number(_asked("minutes")) if _asked("minutes") else None
    if isinstance(minutes, str):
        raise Invalid(errors={"minutes": ["Give a number, or leave it empty for the usual length."]})
    start = wall_time("at", _asked("at"), therapist.zone)
    found = why_not_offered(service.public_id, start, by=caller().person_id, is_staff=bool(caller().roles & STAFF), now=now(), minutes=minutes)
    may_book = not _is_own(therapist) and "admin" in caller().roles and {each.code for each in found.reasons} <= {*TO_SET_ASIDE}
    day = start.astimezone(zone_named(therapist.zone)).date().isoformat()
    return {
        "offered": found.offered,
        "new_clients": found.new_clients,
        "when": local_time(start, therapist.zone),
        "reasons": [_words(each) for each in found.reasons],
        "week": f"/{WEEK_PAGE}?day={day}",
        "book": f"/{BOOK}/{service.public_id}/{int(start.timestamp())}" if may_book and minutes is None else "",
    }


def _words(reason: Reason) -> dict[str, Any]:
    """The sentence, and what belongs to it."""
    more = [f"{reason.counted} of {reason.most} are taken."] if reason.most is not None else []
    more += [f"{reason.holiday}."] if reason.holiday else []
    more += [f"Schedule: {reason.schedule}."] if reason.schedule else []
    return {"code": reason.code, "text": " ".join([reason.text, *more])}


def _therapist() -> Therapist | None:
    """Whose services are asked about: of staff whoever they chose, else one's own."""
    me, chosen = caller().require_person(), _asked("therapist")
    if caller().roles & STAFF and chosen:
        try:
            found = db.session.scalars(select(Therapist).where(Therapist.public_id == uuid.UUID(chosen))).one_or_none()
        except ValueError as error:
            raise NotFound from error
        if found is None:
            raise NotFound
        return found
    return db.session.get(Therapist, me) if "therapist" in caller().roles else None


def _named(name: str) -> list[Therapist]:
    folded = " ".join(phrase(name))
    wanted = select(Therapist).where(Therapist.folded_name.startswith(folded, autoescape=True)).order_by(Therapist.folded_name, Therapist.person_id)
    return list(db.session.scalars(wanted.limit(FOUND_AT_ONCE))) if folded else []


def _is_own(therapist: Therapist) -> bool:
    return therapist.person_id == caller().person_id


def _title(service: Service) -> str:
    facets = vocabulary().facets
    kind = "First talk" if service.kind == "consultation" else "Session"
    return f"{kind}, {service.minutes} minutes, {facets['modes'][service.mode].label}, {facets['units'][service.unit].label}"


def _asked(name: str) -> str:
    return request.args.get(name, "").strip()
