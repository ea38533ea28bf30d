"""Where a person will physically be, as they said it, from when on. The law of that place decides who may treat them."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on

from care.models import Place
from core.db import db
from core.errors import Invalid
from core.zones import known_zone
from taxonomy.vocabulary import vocabulary


def record_place(person_id: int, jurisdiction: str, *, zone: str, source: str, now: datetime, valid_from: datetime | None = None) -> Place:
    """A statement that holds from `valid_from` (default: now) until a later one. Earlier statements stay. Saying the same again writes nothing."""
    errors = {}
    if jurisdiction not in vocabulary().jurisdictions:
        errors["jurisdiction"] = ["We do not know this place yet."]
    if not known_zone(zone):
        errors["zone"] = ["Give a time zone such as Europe/London."]
    if errors:
        raise Invalid(errors=errors)
    starts = valid_from or now
    standing = place_of(person_id, at=starts)
    if standing is not None and (standing.jurisdiction, standing.zone) == (jurisdiction, zone):
        return standing
    place = Place(person_id=person_id, jurisdiction=jurisdiction, zone=zone, valid_from=starts, stated_at=now, source=source)
    db.session.add(place)
    db.session.flush()
    return place


def place_of(person_id: int, *, at: datetime) -> Place | None:
    """Where the person will be at that instant; None when they never said."""
    return places_of([person_id], at=at).get(person_id)


def places_of(person_ids: Collection[int], *, at: datetime) -> dict[int, Place]:
    """The same for many people, in one query. Somebody without a statement is missing from the answer."""
    if not person_ids:
        return {}
    latest_first = (Place.person_id, Place.valid_from.desc(), Place.id.desc())
    wanted = select(Place).where(Place.person_id.in_(person_ids), Place.valid_from <= at).ext(distinct_on(Place.person_id)).order_by(*latest_first)
    return {place.person_id: place for place in db.session.scalars(wanted)}


def places_over(person_ids: Collection[int], instants: Collection[datetime]) -> dict[datetime, dict[int, Place]]:
    """The same at each of these instants, in one query."""
    if not person_ids or not instants:
        return {at: {} for at in instants}
    stated = select(Place).where(Place.person_id.in_(person_ids), Place.valid_from <= max(instants)).order_by(Place.valid_from, Place.id)
    found = db.session.scalars(stated).all()
    return {at: {place.person_id: place for place in found if place.valid_from <= at} for at in instants}
