"""What a therapist says of themselves, each statement for the audience that they choose; their style; and whom they know well. One page, a form for each."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from marshmallow import ValidationError

from accounts.identity import csrf_token
from core.access import allow, caller
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_of, named_as_filled_in, read_through, refusal_of
from core.http import flat_errors
from taxonomy.vocabulary import vocabulary
from therapists import profile, statements
from therapists.models import Therapist
from therapists.practice_pages.about_me import form as fields
from therapists.practice_pages.pages import PAGE, therapist_only
from therapists.practice_pages.statements.form import rows_shown
from therapists.profile_changes import waiting_additions
from therapists.schemas import IdentityStatementsSchema, ProfileChangesSchema, TherapistStyleSchema

blueprint = Blueprint("therapist_about_me", __name__, template_folder="../templates")
SEE_OTHER = 303
RELATIONS = (("shares", "It is true of me"), ("experienced_with", "I have experience with it"))
AUDIENCES = (
    ("nobody", "Nobody"),
    ("asked", "Whoever looks for exactly this finds me by it; it is shown nowhere"),
    ("clients", "People who are signed in"),
    ("public", "Everybody"),
)


@blueprint.get(f"/{PAGE}/about-me")
@allow(therapist_only)
def about_me_page() -> ResponseReturnValue:
    """What I say of myself, my style, whom I know well."""
    return _page()


@blueprint.post(f"/{PAGE}/about-me")
@allow(therapist_only)
def change_about_me_here() -> ResponseReturnValue:
    """Save one of the forms."""
    acts: dict[str, Callable[[], object]] = {"identities": _save_identities, "style": _save_style, "people": _save_people}
    refused = refusal_of(acts.get(request.form.get("act", ""), _no_button))
    return _page(refused) if refused else redirect(url_for(".about_me_page"), SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; this is a plain form.
change_about_me_here.__takes__ = frozenset({"form"})  # type: ignore[attr-defined]


def _save_identities() -> None:
    body, places = fields.identities_sent(request.form)
    _at_fields(places, lambda: statements.set_identities(_mine(), read_through(IdentityStatementsSchema, body)["identities"], now=now()))


def _save_style() -> None:
    # Every dimension is sent: one that is empty is not stated.
    try:
        style = TherapistStyleSchema().load(fields.style_sent(request.form))
    except ValidationError as error:
        raise Invalid(errors=flat_errors(error.messages)) from error
    statements.set_style(_mine(), style, now=now())


def _save_people() -> None:
    body, places = fields.people_sent(request.form)
    _at_fields(places, lambda: profile.edit_profile(_mine(), read_through(ProfileChangesSchema, body), now=now()))


def _no_button() -> None:
    raise Invalid("Please press one of the buttons.")


def _at_fields(places: dict[str, str], act: Callable[[], object]) -> None:
    try:
        act()
    except DomainError as refused:
        raise named_as_filled_in(refused, places) from refused


def _page(refused: DomainError | None = None) -> ResponseReturnValue:
    mine, pressed, facets = profile.own_profile(_me()), request.form.get("act", ""), vocabulary().facets
    waiting = waiting_additions(mine.person_id)
    stands = {"identities": fields.identities_of(mine, waiting), "style": fields.style_of(mine), "people": fields.people_of(mine)}
    forms = {name: form_of(texts, refused, name=name, is_sent=pressed == name) for name, texts in stands.items()}
    dimensions = facets["style_dimensions"]
    told: dict[str, Any] = {
        "kinds": [("", ""), *((slug, each.label) for slug, each in facets["identity_kinds"].items())],
        "offered": sorted({label for words in fields.offered_words().values() for label in words.values()}),
        "waiting": [each["value"] for each in waiting.get("identities", ())],
        "rows": rows_shown(forms["identities"].values, "identities", "value", most=fields.MOST_STATEMENTS),
        "relations": RELATIONS,
        "audiences": AUDIENCES,
        "style": [
            (name, dimensions[name].label, fields.style_options(forms["style"].values.get(name, ""), dimensions[name].low or "", dimensions[name].high or ""))
            for name in fields.DIMENSIONS
        ],
        "lists": {name: [(slug, each.label) for slug, each in facets[name].items()] for name in fields.LISTS},
        "refusal": refused.detail if refused and pressed not in forms else None,
    }
    page = render_template("therapists/practice_about_me.html", forms=forms, **told, version=profile.version_of(mine), csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _mine() -> Therapist:
    return profile.profile_for_edit(_me(), version=request.form.get("version", ""))


def _me() -> int:
    return caller().require_person()
