"""A therapist's services: what can be booked, at what fee and on which terms. The rules are those of `therapists.services`."""

import uuid
from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from core.access import allow, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import Form, form_of, named_as_filled_in, read_through, refusal_of
from taxonomy.vocabulary import vocabulary
from therapists import profile, services
from therapists.currencies import CURRENCIES
from therapists.hours_changing import choice_sent, hours_changing
from therapists.models import SERVICE_LIMITS, Service, Therapist
from therapists.practice_pages.pages import PAGE, therapist_only
from therapists.practice_pages.services.form import CONCESSIONS, LENGTHS, as_texts, terms_filled_in, terms_of, usual_terms
from therapists.schemas import NewServiceSchema, ServiceChangesSchema
from therapists.session_link import NOTICE, link_from, set_session_link

blueprint = Blueprint("therapist_services", __name__, url_prefix=f"/{PAGE}/services", template_folder="../templates")
SEE_OTHER = 303
KINDS = (("session", "A session"), ("consultation", "A first talk, free, 10 to 30 minutes"))


@blueprint.get("")
@allow(therapist_only)
def services_page() -> str:
    """What can be booked with me."""
    mine = profile.own_profile(_me())
    return render_template("therapists/practice_services.html", services=[_line(each) for each in mine.services if each.active], units=mine.units)


@blueprint.get("/new")
@allow(therapist_only)
def new_service_page() -> ResponseReturnValue:
    """A new one, with the usual terms filled in."""
    return _new()


@blueprint.post("/new")
@allow(therapist_only)
def add_service_here() -> ResponseReturnValue:
    """Offer it."""
    refused = refusal_of(_add)
    return _new(refused) if refused else redirect(url_for(".services_page"), SEE_OTHER)


@blueprint.get("/<uuid:service_id>")
@allow(therapist_only)
def service_page(service_id: uuid.UUID) -> ResponseReturnValue:
    """Its terms, for bookings from now on."""
    return _one(service_id)


@blueprint.post("/<uuid:service_id>")
@allow(therapist_only)
def change_service_here(service_id: uuid.UUID) -> ResponseReturnValue:
    """Change its terms, give or take away its link, or offer it no longer."""
    acts: dict[str, Callable[[uuid.UUID], object]] = {"save": _save, "link": _give_link, "retire": _retire}
    refused = refusal_of(lambda: acts.get(request.form.get("act", ""), _no_button)(service_id))
    return _one(service_id, refused) if refused else redirect(url_for(".services_page"), SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
add_service_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]
change_service_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _add() -> None:
    body, places = terms_filled_in(request.form)
    body["kind"] = request.form.get("kind", "")
    _through(places, lambda: services.add_service(_mine(), read_through(NewServiceSchema, body), now=now()))


def _save(service_id: uuid.UUID) -> None:
    body, places = terms_filled_in(request.form)

    def change() -> None:
        # Other hours may leave appointments outside them.
        with hours_changing(_me(), affected=choice_sent(request.form), now=now()):
            mine = profile.profile_for_edit(_me(), version=request.form.get("version", ""))
            stands = terms_of(services.service_of(mine.person_id, service_id))
            services.change_service(mine, service_id, _loaded({name: value for name, value in body.items() if value != stands.get(name)}), now=now())

    _through(places, change)


def _loaded(changes: dict[str, Any]) -> dict[str, Any]:
    """Through the schema of the API; what is taken away is none, and no field that was left out."""
    return read_through(ServiceChangesSchema, changes) | {name: None for name, value in changes.items() if value is None}


def _give_link(service_id: uuid.UUID) -> None:
    set_session_link(_mine(), service_id, request.form.get("address", "").strip() or None, now=now())


def _retire(service_id: uuid.UUID) -> None:
    services.retire_service(_mine(), service_id, now=now())


def _no_button(_: uuid.UUID) -> None:
    raise Invalid("Please press one of the buttons.")


def _through(places: dict[str, str], act: Callable[[], object]) -> None:
    """A refusal names the rows of the form, of which some are empty."""
    try:
        act()
    except DomainError as refused:
        raise named_as_filled_in(refused, places) from refused


def _new(refused: DomainError | None = None) -> ResponseReturnValue:
    stands = as_texts(usual_terms()) | {"minutes": "50", "concessions.0.evidence": "self_declared"}
    return _shown("practice_service_new", form_of(stands, refused), refused, profile.own_profile(_me()))


def _one(service_id: uuid.UUID, refused: DomainError | None = None) -> ResponseReturnValue:
    mine, service, is_link = profile.own_profile(_me()), services.service_of(_me(), service_id), request.form.get("act") == "link"
    form = form_of(as_texts(terms_of(service)), refused, is_sent=not is_link)
    link = form_of({"address": service.session_link or ""}, refused, name="link", is_sent=is_link)
    more = {"service": _line(service), "link": link, "link_from": link_from(service), "notice": NOTICE, "version": profile.version_of(mine)}
    return _shown("practice_service", form, refused, mine, **more)


def _shown(template: str, form: Form, refused: DomainError | None, mine: Therapist, **more: Any) -> ResponseReturnValue:
    facets = vocabulary().facets
    options = {
        "kinds": KINDS,
        "units": [(slug, facets["units"][slug].label) for slug in mine.units],
        "modes": [(slug, each.label) for slug, each in facets["modes"].items()],
        "places": [("", "None"), *((str(each.public_id), f"{each.label}, {each.town}") for each in mine.locations)],
        "schedules": [("", f"The usual one: {mine.default_schedule.name}"), *((str(each.public_id), each.name) for each in mine.schedules)],
        "currencies": [("", ""), *((code, code) for code in sorted(CURRENCIES))],
    }
    # What is folded away opens where something stands in it, or is wrong.
    stated = {*form.errors, *(name for name, text in form.values.items() if text and not name.endswith(".evidence"))}
    opened = {"limits": stated & set(SERVICE_LIMITS), **{part: [name for name in stated if name.startswith(f"{part}.")] for part in ("lengths", "concessions")}}
    told = {**options, **more, "opened": opened, "lengths": LENGTHS, "concessions": CONCESSIONS}
    page = render_template(f"therapists/{template}.html", form=form, **told, csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _line(service: Service) -> dict[str, Any]:
    facets = vocabulary().facets
    return {
        "id": service.public_id,
        "title": "A first talk" if service.kind == "consultation" else "A session",
        "unit": facets["units"][service.unit].label,
        "mode": facets["modes"][service.mode].label,
        "place": service.place.label if service.place else "",
        "minutes": ", ".join(str(each) for each in (service.minutes, *(length.minutes for length in service.lengths))),
        "fee": str(service.fee) if service.fee_amount else "free",
        "is_instant": service.booking_mode == "instant",
        "seats": service.seats,
        "is_video": service.mode == "video",
    }


def _mine() -> Therapist:
    return profile.profile_for_edit(_me())


def _me() -> int:
    return caller().require_person()
