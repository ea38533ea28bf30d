"""The vocabulary over HTTP: public, the same for everybody, cacheable by version.

Declared outside of a transaction, because nothing here asks the database: a crisis panel has to appear when the database does not.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import marshmallow as ma
from flask import Response, current_app, jsonify

from core.access import allow, anyone
from core.errors import NotFound
from core.http import Blueprint, etag_of, not_modified
from taxonomy import schemas
from taxonomy.crisis_words import asks_about_safety
from taxonomy.suggest import suggest
from taxonomy.vocabulary import vocabulary

blueprint = Blueprint("taxonomy", __name__, url_prefix="/api/v1", description="The closed vocabulary: what can be asked for, offered and checked")
FRESH_SECONDS = 300
LISTS: Mapping[str, type[ma.Schema]] = {
    "goals": schemas.GoalListSchema,
    "concerns": schemas.ConcernListSchema,
    "modalities": schemas.ModalityListSchema,
    "evidence": schemas.EvidenceListSchema,
    "languages": schemas.LanguageListSchema,
    "jurisdictions": schemas.JurisdictionListSchema,
    "registers": schemas.RegisterListSchema,
}


@blueprint.get("/taxonomy")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.TaxonomySchema)
def read_taxonomy() -> Response:
    """The version, the lists, and the small lists in full."""
    return _cacheable(_index())


@blueprint.get("/taxonomy/goals")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.GoalListSchema)
def list_goals() -> Response:
    """What a person may want to be different."""
    return _cacheable(_whole_list("goals"))


@blueprint.get("/taxonomy/concerns")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.ConcernListSchema)
def list_concerns() -> Response:
    """What may hurt, in two levels."""
    return _cacheable(_whole_list("concerns"))


@blueprint.get("/taxonomy/modalities")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.ModalityListSchema)
def list_modalities() -> Response:
    """Ways of working, each in plain words."""
    return _cacheable(_whole_list("modalities"))


@blueprint.get("/taxonomy/modalities/<slug>")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.ModalityInFullSchema)
def read_modality(slug: str) -> Response:
    """One way of working, with what is narrower."""
    if slug not in vocabulary().modalities:
        raise NotFound
    return _cacheable(_modality(slug))


@blueprint.get("/taxonomy/evidence")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.EvidenceListSchema)
def list_evidence() -> Response:
    """The evidence table with grade, rule set, source and date. In production it is withheld until a clinician has signed it."""
    unsigned = vocabulary().evidence_signed_by is None
    return _cacheable(_evidence(withheld=unsigned and current_app.config["ENVIRONMENT"] == "production"))


@blueprint.get("/taxonomy/languages")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.LanguageListSchema)
def list_languages() -> Response:
    """Languages and sign languages."""
    return _cacheable(_whole_list("languages"))


@blueprint.get("/taxonomy/jurisdictions")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.JurisdictionListSchema)
def list_jurisdictions() -> Response:
    """Places with their time zones and compacts, each fact with source and date."""
    return _cacheable(_whole_list("jurisdictions"))


@blueprint.get("/taxonomy/registers")
@allow(anyone, outside=True)
@blueprint.gives(200, schemas.RegisterListSchema)
def list_registers() -> Response:
    """Bodies a credential can be claimed from, and what each one stands for."""
    return _cacheable(_whole_list("registers"))


@blueprint.get("/crisis-help")
@allow(anyone, outside=True)
@blueprint.takes(schemas.CountryQuery, location="query")
@blueprint.gives(200, schemas.CrisisHelpSchema)
def read_crisis_help(query: dict[str, Any]) -> Response:
    """Where to turn at once in a country. Answers for every country, at the least with an international directory."""
    found = vocabulary().help_for(query["country"], on=datetime.now(UTC).date())
    return _cacheable(schemas.CrisisHelpSchema().dump(found))


@blueprint.post("/taxonomy/suggestions")
@allow(anyone, outside=True)
@blueprint.takes(schemas.FreeTextSchema)
@blueprint.gives(200, schemas.SuggestionsSchema)
def suggest_concepts(body: dict[str, Any]) -> dict[str, Any]:
    """What words may mean, for the person to confirm. A POST, so that they never stand in an address; they are not stored or logged."""
    found = suggest(body["text"], kinds=body["kinds"], limit=body["limit"])
    asks = asks_about_safety(body["text"])
    return {"version": vocabulary().version, "ask_about_safety": asks, "items": found.items, "clarify": found.clarify, "not_offered": found.not_offered}


def _cacheable(body: Mapping[str, Any]) -> Response:
    etag = etag_of(current_app.json.dumps(body))
    response = not_modified(etag) or jsonify(body)
    response.set_etag(etag)
    response.headers["Cache-Control"] = f"public, max-age={FRESH_SECONDS}"
    return response


def _frame(name: str) -> dict[str, Any]:
    known = vocabulary()
    return {"version": known.version, "sources": dict(known.sources[name]), "next": None}


@lru_cache(maxsize=len(LISTS))
def _whole_list(name: str) -> Mapping[str, Any]:
    known = vocabulary()
    body = {**_frame(name), "items": list(getattr(known, name).values())}
    if name == "modalities":
        body["clarify"] = known.ambiguities
    return LISTS[name]().dump(body)  # type: ignore[no-any-return]


@lru_cache(maxsize=2)
def _evidence(*, withheld: bool) -> Mapping[str, Any]:
    known = vocabulary()
    shown = {"items": () if withheld else known.evidence, "cautions": known.cautions, "rule_sets": dict(known.rule_sets)}
    return LISTS["evidence"]().dump({**_frame("evidence"), **shown, "signed_by": known.evidence_signed_by, "withheld": withheld})  # type: ignore[no-any-return]


@lru_cache(maxsize=256)
def _modality(slug: str) -> Mapping[str, Any]:
    known = vocabulary()
    own = schemas.ModalitySchema().dump(known.modalities[slug])
    return {**own, "version": known.version, "narrower": [each.slug for each in known.modalities.values() if slug in each.broader]}


@lru_cache(maxsize=1)
def _index() -> Mapping[str, Any]:
    known = vocabulary()
    lists = [{"name": name, "address": f"/api/v1/taxonomy/{name}", "entries": len(getattr(known, name))} for name in LISTS]
    facets = [{"slug": each.slug, "label": each.label, "note": each.note, "values": list(each.values())} for each in known.facets.values()]
    return schemas.TaxonomySchema().dump({"version": known.version, "lists": lists, "facets": facets})  # type: ignore[no-any-return]
