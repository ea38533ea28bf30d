"""What a therapist published, in words for people. Pure."""

from collections.abc import Iterable, Mapping
from typing import Any

from taxonomy.vocabulary import Vocabulary

RELATION_WORDS: Mapping[str, str] = {"shares": "", "experienced_with": "experience with "}
BOOKING_WORDS: Mapping[str, str] = {"instant": "Booked at once", "request": "Asked for, and answered by the therapist"}


def labels(slugs: Iterable[str], known: Mapping[str, Any]) -> list[str]:
    """Each in its own words; a word that the vocabulary does not have any more stands as it is."""
    return [known[slug].label if slug in known else slug.replace("_", " ") for slug in slugs]


def told(page: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """The lists of a public page with labels instead of slugs."""
    facets = vocabulary.facets
    return {
        "modalities": _verifiable(page["modalities"], vocabulary.modalities),
        "core": _verifiable(page["core_concerns"], vocabulary.concerns),
        "other": _verifiable(page["other_concerns"], vocabulary.concerns),
        "languages": labels((each.language for each in page["languages"]), vocabulary.languages),
        "units": labels(page["units"], facets["units"]),
        "ages": labels(page["age_bands"], facets["age_bands"]),
        "populations": labels(page["populations"], facets["populations"]),
        "access": labels(page["access"], facets["access"]),
        "identities": [_identity(each, vocabulary) for each in page["identities"]],
    }


def service_words(service: Mapping[str, Any], vocabulary: Vocabulary) -> dict[str, Any]:
    """One service: what it is, what it costs, and the terms that a booking of it would keep."""
    facets = vocabulary.facets
    for_whom = "" if service["unit"] == "individual" else f" for {facets['units'][service['unit']].label.lower()}"
    place = service["place"]
    return {
        "title": ("First talk" if service["kind"] == "consultation" else "Session") + for_whom,
        "how": facets["modes"][service["mode"]].label + (f", {place['town']}" if place else ""),
        "is_free": not service["fee"].amount,
        "booking": BOOKING_WORDS[service["booking_mode"]],
        "terms": _terms(service),
    }


def _terms(service: Mapping[str, Any]) -> str:
    free = f"Free to call off until {service['cancel_free_hours']} hours before."
    if not service["late_fee_percent"] or not service["fee"].amount:
        return free
    return f"{free} After that, and for not coming, {service['late_fee_percent']} % of the fee is owed."


def _verifiable(rows: Iterable[Mapping[str, Any]], known: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Label, and what a person saw of it, if anything."""
    return [(labels([each["slug"]], known)[0], f"proof seen on {each['verified_on']}" if each["verified_on"] else "") for each in rows]


def _identity(row: Any, vocabulary: Vocabulary) -> str:
    kinds, values = vocabulary.facets["identity_kinds"], vocabulary.facets["identity_values"]
    kind = kinds[row.kind].label if row.kind in kinds else row.kind.replace("_", " ")
    value = values[row.value].label if row.value in values else row.value
    return f"{kind}: {RELATION_WORDS.get(row.relation, '')}{value}"
