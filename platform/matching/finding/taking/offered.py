"""What somebody is about to take: off their own list, with its card; or chosen directly, whatever they asked for. Wishes shape lists and refuse nobody.

Whoever is in care with the therapist is asked nothing: answers are for finding somebody, and the doors of booking do not ask there either.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from booking.openings.availability import openings_between
from care.asking import known_of
from care.relation import in_care_with
from core.db import db
from core.errors import NotFound
from matching.cards import NEXT_OPENINGS, card_of
from matching.models import Intake
from matching.own_booking import ALONE, Said, refuse_where_somebody_helps
from matching.referred import referral_of
from matching.view import AnswersMissing, require_list, view_of
from therapists.models import Service, Therapist
from therapists.publication import listed_therapist
from therapists.representations import public_page
from therapists.shown import answer_words

AHEAD = timedelta(days=28)


@dataclass(frozen=True)
class Offered:
    """`card` and `service` in the shape of a card of a list. `is_on_list`: it stands on the person's own list.

    `asks_whose`: it is chosen directly while answers lie open on this device by which the doors would judge whoever gave them. `is_known`: they are in care
    with this therapist.
    """

    card: dict[str, Any]
    service: dict[str, Any]
    is_on_list: bool
    asks_whose: bool = False
    is_known: bool = False


def offered(mine: Intake | None, service_id: uuid.UUID, *, person_id: int, now: datetime, tell_desk: bool = False) -> Offered:
    """The service as `person_id` may take it, by the answers `mine` that are open here. NotFound for what nobody is shown, and for a seat in a group;
    SomebodyHelps where a list would be wrong, of which the desk learns when it is told.

    Refuses as `view.require_list` where safety comes first; answers that are not complete keep nobody from choosing somebody directly.
    """
    therapist_id = db.session.scalars(select(Service.therapist_id).where(Service.public_id == service_id)).one_or_none()
    if therapist_id in in_care_with([person_id]):
        return replace(_directly(service_id, now=now), is_known=True)
    if mine is None:
        return _directly(service_id, now=now)
    listed = _on_list(mine, service_id, now=now)
    if listed is not None:
        return listed
    found = _directly(service_id, now=now)
    said = Said(mine.person_id, mine, known_of(mine.person_id, now=now))
    refuse_where_somebody_helps(said, joint=found.service["unit"] not in ALONE, tell_desk=tell_desk, now=now)
    return replace(found, asks_whose=mine.cookie_digest is not None and said.matters)


def _on_list(mine: Intake, service_id: uuid.UUID, *, now: datetime) -> Offered | None:
    try:
        gate = require_list(mine, now=now)
    except AnswersMissing:
        return None
    if referral_of(mine) is not None:
        return None
    view, whose = view_of(mine, gate, now=now), _therapist_of(service_id)
    for shown in view.of({str(whose)} if whose else ()).values():
        card = card_of(shown, view.occasion, position=1)
        for service in card["services"]:
            if service["service_id"] == service_id:
                return Offered(card, {**service, "collects": shown.face.collects}, is_on_list=True)
    return None


def _directly(service_id: uuid.UUID, *, now: datetime) -> Offered:
    whose = _therapist_of(service_id)
    if whose is None:
        raise NotFound
    therapist = listed_therapist(whose, now=now)
    page = public_page(therapist, now=now, signed_in=True)
    row = next((each for each in therapist.services if each.public_id == service_id and each.active and each.seats is None), None)
    if row is None:
        raise NotFound
    service = {
        "service_id": row.public_id,
        **{name: getattr(row, name) for name in ("kind", "unit", "mode", "minutes", "fee", "booking_mode")},
        "town": row.place.town if row.place else None,
        "booking_text": f"You ask for it first. {answer_words(therapist.answer_within_hours)}",
        "next_openings": openings_between([row.id], now, now + AHEAD, now=now, limit=NEXT_OPENINGS)[row.id],
        "collects": therapist.collects,
    }
    told = {name: page[name] for name in ("display_name", "badges", "collection_words", "waitlist_open")}
    return Offered({"therapist_id": page["id"], **told}, service, is_on_list=False)


def _therapist_of(service_id: uuid.UUID) -> uuid.UUID | None:
    wanted = select(Therapist.public_id).join(Service, Service.therapist_id == Therapist.person_id).where(Service.public_id == service_id)
    return db.session.scalars(wanted).one_or_none()
