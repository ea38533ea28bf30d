"""What a therapist states about their work and themselves, each list replaced as a whole. Declared here is not verified: a person who saw proof marks
that in `verification`, and a statement that stays keeps its mark.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from core.db import db
from core.errors import Conflict
from taxonomy.vocabulary import vocabulary
from therapists.closed import Errors, errors_in, facet, refuse
from therapists.models import IdentityStatement, OfferedModality, PracticePlace, Service, SpokenLanguage, Therapist, TreatedConcern
from therapists.profile import touch
from therapists.profile_changes import ask_to_read, has_hint, hold_additions, waits_for_reading

MOST_CORE_CONCERNS = 5
MOST_OTHER_CONCERNS = 60
LEVELS = ("native", "working", "basic")
Row = TypeVar("Row")


class PlaceInUse(Conflict):
    code, detail = "place_in_use", "A service of yours takes place there. Change the service first."


def set_modalities(therapist: Therapist, modalities: Sequence[str], *, now: datetime) -> Therapist:
    """Ways of working, as declared. Only what the vocabulary lets therapists offer.

    A new one whose training somebody vouches for is a claim: once the profile was read, it waits to be read.
    """
    known = vocabulary().modalities
    refuse(errors_in("modalities", modalities, {slug for slug, modality in known.items() if modality.offerable}))
    seen = {row.modality: row.verified_at for row in therapist.modalities}
    held = [slug for slug in modalities if slug not in seen and waits_for_reading(therapist, field="modalities", is_claim=bool(known[slug].verifiable_by))]
    hold_additions(therapist, "modalities", [{"slug": slug} for slug in held], now=now)
    rows = [OfferedModality(therapist_id=therapist.person_id, modality=slug, verified_at=seen.get(slug)) for slug in modalities if slug not in held]
    replace_rows(therapist.modalities, rows)
    return touch(therapist, now=now)


def set_concerns(therapist: Therapist, core: Sequence[str], others: Sequence[str], *, now: datetime) -> Therapist:
    """At most five core concerns in the therapist's own order, and others without order.

    A new one that needs a special competence is a claim: once the profile was read, it waits to be read.
    """
    known = vocabulary().concerns
    both = {f"others.{index}": ["Named as a core concern already."] for index, slug in enumerate(others) if slug in core}
    too_many = {"core": ["At most five core concerns."]} if len(core) > MOST_CORE_CONCERNS else {}
    refuse(errors_in("core", core, known), errors_in("others", others, known), both, too_many)
    seen = {row.concern: row.verified_at for row in therapist.concerns}
    places: dict[str, int | None] = {slug: position for position, slug in enumerate(core, start=1)} | dict.fromkeys(others)
    held = [slug for slug in places if slug not in seen and waits_for_reading(therapist, field="concerns", is_claim=known[slug].needs_floor)]
    hold_additions(therapist, "concerns", [{"slug": slug, "core_position": places.pop(slug)} for slug in held], now=now)
    rows = [TreatedConcern(therapist_id=therapist.person_id, concern=slug, core_position=at, verified_at=seen.get(slug)) for slug, at in places.items()]
    replace_rows(therapist.concerns, rows)
    return touch(therapist, now=now)


def set_languages(therapist: Therapist, languages: Sequence[Mapping[str, str]], *, now: datetime) -> Therapist:
    """Each ``{"language", "level"}``; a therapist works in at least one."""
    refuse(errors_in("languages", [each["language"] for each in languages], vocabulary().languages))
    replace_rows(therapist.languages, [SpokenLanguage(therapist_id=therapist.person_id, **each) for each in languages])
    return touch(therapist, now=now)


def set_identities(therapist: Therapist, statements: Sequence[Mapping[str, Any]], *, now: datetime) -> Therapist:
    """Own words by kind, each for its audience. Where the vocabulary lists values for a kind, the value is one of them.

    New words of one's own with a hint (such as a title) wait to be read, once the profile was read.
    """
    values_of: dict[str, set[str]] = {}
    for slug, value in vocabulary().facets["identity_values"].items():
        values_of.setdefault(value.kind or "", set()).add(slug)
    errors: Errors = {}
    keys: list[tuple[str, str, str]] = []
    for index, each in enumerate(statements):
        key = (each["kind"], each["value"], each["relation"])
        if each["kind"] not in facet("identity_kinds"):
            errors[f"identities.{index}.kind"] = ["Not a word of our vocabulary; see /api/v1/taxonomy."]
        elif each["kind"] in values_of and each["value"] not in values_of[each["kind"]]:
            errors[f"identities.{index}.value"] = [f"One of: {', '.join(sorted(values_of[each['kind']]))}."]
        elif key in keys:
            errors[f"identities.{index}"] = ["Given twice."]
        keys.append(key)
    refuse(errors)
    before = {(row.kind, row.value, row.relation) for row in therapist.identities}
    held = [each for each, key in zip(statements, keys, strict=True) if key not in before and each["kind"] not in values_of and _needs_reading(therapist, each)]
    hold_additions(therapist, "identities", held, now=now)
    replace_rows(therapist.identities, [IdentityStatement(therapist_id=therapist.person_id, **each) for each in statements if each not in held])
    return touch(therapist, now=now)


def _needs_reading(therapist: Therapist, statement: Mapping[str, Any]) -> bool:
    if statement.get("audience", "nobody") == "nobody" or not waits_for_reading(therapist, field="identities", is_claim=True):
        return False
    return has_hint(therapist, statement["value"])


def set_style(therapist: Therapist, style: Mapping[str, float | None], *, now: datetime) -> Therapist:
    """Answers on the four dimensions, -1..+1 each; None takes an answer back."""
    for dimension in ("led", "intensity", "past", "warmth"):
        setattr(therapist, f"style_{dimension}", style[dimension])
    return touch(therapist, now=now)


def set_formats(
    therapist: Therapist,
    *,
    units: Sequence[str],
    age_bands: Sequence[str],
    access: Sequence[str],
    locations: Sequence[Mapping[str, Any]],
    now: datetime,
) -> Therapist:
    """For whom (units, age bands), which accessibility facts hold, and where sessions in person take place.

    A location with the `id` of an existing one changes it; one that is missing is removed, unless a service takes place there.
    """
    places = [each["jurisdiction"] for each in locations]
    unknown = {f"locations.{at}.jurisdiction": ["Not a place of our vocabulary."] for at, code in enumerate(places) if code not in vocabulary().jurisdictions}
    for at, each in enumerate(locations):
        unknown |= errors_in(f"locations.{at}.access", each.get("access", ()), facet("access"))
    refuse(
        errors_in("units", units, facet("units")), errors_in("age_bands", age_bands, facet("age_bands")), errors_in("access", access, facet("access")), unknown
    )
    therapist.units, therapist.age_bands, therapist.access = list(units), list(age_bands), list(access)
    _set_locations(therapist, locations, now=now)
    return touch(therapist, now=now)


def _set_locations(therapist: Therapist, locations: Sequence[Mapping[str, Any]], *, now: datetime) -> None:
    existing: dict[UUID, PracticePlace] = {place.public_id: place for place in therapist.locations}
    refuse({f"locations.{at}.id": ["Not one of your places."] for at, each in enumerate(locations) if each.get("id") and each["id"] not in existing})
    kept = {each["id"] for each in locations if each.get("id")}
    removed = [place for public_id, place in existing.items() if public_id not in kept]
    if removed and db.session.scalar(select(Service.id).where(Service.place_id.in_([place.id for place in removed])).limit(1)) is not None:
        raise PlaceInUse
    for place in removed:
        therapist.locations.remove(place)
    words = [word for each in locations for word in (each["label"], each["town"])]
    if set(words) - {word for place in existing.values() for word in (place.label, place.town)}:
        ask_to_read(therapist, "places", words, now=now)
    for each in locations:
        facts = {name: value for name, value in each.items() if name != "id"}
        if place_id := each.get("id"):
            for name, value in facts.items():
                setattr(existing[place_id], name, value)
        else:
            therapist.locations.append(PracticePlace(therapist_id=therapist.person_id, **facts))


def replace_rows(collection: list[Row], rows: Sequence[Row]) -> None:
    """Delete first, then insert: a row that stays under its key must not meet its predecessor."""
    collection.clear()
    db.session.flush()
    collection.extend(rows)
    db.session.flush()
