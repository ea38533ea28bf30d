"""The page of one therapist, for everybody who may see them: to read before asking for a time."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from accounts.people import require_account
from booking.openings.availability import openings_between
from care.capacity import takes_new_clients
from care.relation import in_care_with
from core.access import allow, anyone, caller
from core.clock import now
from core.errors import DomainError
from matching.answers import zone_of
from matching.cookie import visitor
from matching.intake import current_intake
from matching.therapist_pages.told import service_words, told
from notices.letter import local_time
from taxonomy.vocabulary import vocabulary
from therapists.models import Therapist
from therapists.publication import listed_therapist
from therapists.representations import public_page

PAGE = "therapists"
blueprint = Blueprint("therapist_profile", __name__, template_folder="templates")
AHEAD, MOST_OPENINGS = timedelta(days=28), 6


@blueprint.get(f"/{PAGE}/<uuid:therapist_id>")
@allow(anyone)
def profile_page(therapist_id: uuid.UUID) -> ResponseReturnValue:
    """Who they are, how they work, what was checked, what it costs, and the next openings on the reader's clock."""
    therapist, me, at = listed_therapist(therapist_id, now=now()), caller().person_id, now()
    shown = public_page(therapist, now=at, signed_in=me is not None)
    takes = takes_new_clients([therapist.person_id])[therapist.person_id] or (me is not None and therapist.person_id in in_care_with([me]))
    facts = {"therapist": shown, "takes": takes, "services": _services(therapist, shown, takes=takes, now=at), "words": told(shown, vocabulary())}
    return render_template("matching/therapist.html", **facts, when=_clock(therapist))


def _services(therapist: Therapist, shown: dict[str, Any], *, takes: bool, now: datetime) -> list[dict[str, Any]]:
    """Each with its words, and with its next openings where somebody new may ask for one."""
    ids = {service.public_id: service.id for service in therapist.services}
    mine = [service["id"] for service in shown["services"]]
    found = openings_between([ids[each] for each in mine], now, now + AHEAD, now=now, limit=MOST_OPENINGS, client_id=caller().person_id) if takes else {}
    return [each | service_words(each, vocabulary()) | {"openings": found.get(ids[each["id"]], [])} for each in shown["services"]]


def _clock(therapist: Therapist) -> Callable[[datetime], str]:
    """Times as they read where the visitor is, as far as they said; else on the therapist's own clock."""
    try:
        zone = zone_of(current_intake(visitor(), now=now()).answers or {}, vocabulary=vocabulary())
    except DomainError:
        me = caller().person_id
        zone = therapist.zone if me is None else require_account(me).person.zone
    return lambda instant: local_time(instant, zone)
