"""What a therapist does, for whom, where and in which languages: one page, a form for each. And the page on which somebody becomes a therapist here."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from accounts.identity import csrf_token
from accounts.people import require_account
from core.access import allow, caller, confirmed
from core.clock import now
from core.dispatch import STATUS_OF_KIND
from core.errors import DomainError, Invalid
from core.forms import form_of, named_as_filled_in, read_through, refusal_of
from taxonomy.vocabulary import vocabulary
from therapists import profile, statements
from therapists.hours_changing import choice_sent, hours_changing
from therapists.models import Therapist
from therapists.practice_pages.pages import PAGE, therapist_only
from therapists.practice_pages.statements.form import CORE, FORMS, MOST_LANGUAGES, MOST_PLACES, Body, rows_shown, words_of
from therapists.profile_changes import waiting_additions
from therapists.schemas import (
    DeclaredModalitiesSchema,
    FormatsSchema,
    NewTherapistSchema,
    ProfileChangesSchema,
    SpokenLanguagesSchema,
    TreatedConcernsSchema,
)

BECOME = "become-a-therapist"
blueprint = Blueprint("therapist_statements", __name__, template_folder="../templates")
SEE_OTHER = 303
FORM = frozenset({"form"})
LEVELS = (("native", "Native"), ("working", "Fluent enough to work in"), ("basic", "Basic"))


@blueprint.get(f"/{PAGE}/work")
@allow(therapist_only)
def work_page() -> ResponseReturnValue:
    """What I do, for whom, where, in which languages."""
    return _page()


@blueprint.post(f"/{PAGE}/work")
@allow(therapist_only)
def change_work_here() -> ResponseReturnValue:
    """Save one of the forms."""
    refused = refusal_of(_save)
    return _page(refused) if refused else redirect(url_for(".work_page"), SEE_OTHER)


@blueprint.get(f"/{BECOME}")
@allow(confirmed)
def become_page() -> ResponseReturnValue:
    """What opening a profile means, and the little that is asked at first. Whoever has one goes on to it."""
    return redirect(f"/{PAGE}", SEE_OTHER) if "therapist" in caller().roles else _become()


@blueprint.post(f"/{BECOME}")
@allow(confirmed)
def become_here() -> ResponseReturnValue:
    """Open it, unpublished."""
    asked = {name: request.form.get(name, "").strip() for name in ("display_name", "country", "zone")}
    refused = refusal_of(lambda: profile.become_therapist(_me(), **read_through(NewTherapistSchema, asked), now=now()))
    return _become(refused) if refused else redirect(f"/{PAGE}", SEE_OTHER)


# `core.http.refuse_unexpected` asks what a view takes; these are plain forms.
change_work_here.__takes__ = FORM  # type: ignore[attr-defined]
become_here.__takes__ = FORM  # type: ignore[attr-defined]


def _save() -> None:
    name = request.form.get("act", "")
    if name not in FORMS:
        raise Invalid("Please press one of the buttons.")
    body, places = FORMS[name][1](request.form)
    acts: dict[str, Callable[[], object]] = {
        "formats": lambda: statements.set_formats(_mine(), **read_through(FormatsSchema, body), now=now()),
        "languages": lambda: statements.set_languages(_mine(), **read_through(SpokenLanguagesSchema, body), now=now()),
        "modalities": lambda: statements.set_modalities(_mine(), **read_through(DeclaredModalitiesSchema, body), now=now()),
        "concerns": lambda: statements.set_concerns(_mine(), **read_through(TreatedConcernsSchema, body), now=now()),
        "basics": lambda: _save_basics(body),
    }
    try:
        acts[name]()
    except DomainError as refused:
        raise named_as_filled_in(refused, places) from refused


def _save_basics(body: Body) -> None:
    if missing := {name: ["Fill this in."] for name in ("country", "zone") if not body[name]}:
        raise Invalid(errors=missing)
    # Another clock may leave appointments outside the hours.
    with hours_changing(_me(), affected=choice_sent(request.form), now=now()):
        mine = _mine()
        changes = {name: value for name, value in body.items() if value != getattr(mine, name)}
        read = read_through(ProfileChangesSchema, changes) | {name: None for name, value in changes.items() if value is None}
        profile.edit_profile(mine, read, now=now())


def _mine() -> Therapist:
    return profile.profile_for_edit(_me(), version=request.form.get("version", ""))


def _page(refused: DomainError | None = None) -> ResponseReturnValue:
    mine, pressed, words = profile.own_profile(_me()), request.form.get("act", ""), vocabulary()
    waiting = waiting_additions(mine.person_id)
    forms = {name: form_of(written(mine, waiting), refused, name=name, is_sent=pressed == name) for name, (written, _) in FORMS.items()}
    options: dict[str, Any] = {
        "words": {name: [(slug, each.label) for slug, each in words.facets[name].items()] for name in ("units", "age_bands", "access")},
        "offered": {name: sorted(words_of(name).values()) for name in ("jurisdictions", "languages", "concerns")},
        "waiting": {name: [words_of(name)[each["slug"]] for each in waiting.get(name, ())] for name in ("modalities", "concerns")},
        "modalities": sorted(((slug, each.label) for slug, each in words.modalities.items() if each.offerable), key=lambda each: each[1]),
        "concerns": sorted(((slug, each.label) for slug, each in words.concerns.items()), key=lambda each: each[1]),
        "countries": _countries(),
        "levels": LEVELS,
        "core": range(CORE),
        "places_shown": rows_shown(forms["formats"].values, "locations", "label", most=MOST_PLACES),
        "languages_shown": rows_shown(forms["languages"].values, "languages", "language", most=MOST_LANGUAGES),
    }
    stray = refused if refused and pressed not in FORMS else None
    page = render_template(
        "therapists/practice_work.html", forms=forms, **options, version=profile.version_of(mine), refusal=stray and stray.detail, csrf_token=csrf_token()
    )
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _become(refused: DomainError | None = None) -> ResponseReturnValue:
    person = require_account(_me()).person
    form = form_of({"display_name": person.name or "", "zone": person.zone}, refused)
    page = render_template("therapists/become.html", form=form, countries=_countries(), csrf_token=csrf_token())
    return (page, STATUS_OF_KIND[refused.kind]) if refused else page


def _countries() -> list[tuple[str, str]]:
    known = vocabulary().jurisdictions
    countries = sorted({each.country for each in known.values()})
    return [("", ""), *((code, known[code].label if code in known else code) for code in countries)]


def _me() -> int:
    return caller().require_person()
