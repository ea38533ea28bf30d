"""What a therapist states, as plain forms: rows as texts, and back into the bodies that the API takes. Empty rows are not there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from werkzeug.datastructures import MultiDict

from core.errors import Invalid
from core.forms import whole_number
from taxonomy.vocabulary import vocabulary
from therapists.models import Therapist
from therapists.representations import place_json

Body: TypeAlias = dict[str, Any]
Sent: TypeAlias = MultiDict[str, str]
# Where in the form the n-th row stands that is not empty.
Places: TypeAlias = dict[str, str]
# By list what waits for a reader (`profile_changes.waiting_additions`): it stands in the form too, because a list that is saved without it takes it back.
Waiting: TypeAlias = Mapping[str, Sequence[Mapping[str, Any]]]
CORE = 5
EMPTY_ROWS, MOST_PLACES, MOST_LANGUAGES = 2, 20, 30
STEP_FREE = {"yes": True, "no": False}


def formats_of(therapist: Therapist, _: Waiting) -> Body:
    """For whom, and where."""
    texts: Body = {"units": therapist.units, "age_bands": therapist.age_bands, "access": therapist.access}
    for at, place in enumerate(therapist.locations):
        facts = place_json(place)
        texts |= {f"locations.{at}.{name}": str(facts[name]) for name in ("id", "label", "town")}
        texts[f"locations.{at}.jurisdiction"] = words_of("jurisdictions")[facts["jurisdiction"]]
        texts |= {f"locations.{at}.step_free": {True: "yes", False: "no"}.get(facts["step_free"], ""), f"locations.{at}.access": facts["access"]}
    return texts


def formats_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_formats` over the API takes them."""
    rows, places = _filled(sent, "locations", MOST_PLACES, ("label", "town", "jurisdiction"))
    locations: list[Body] = [{name: text for name in ("id", "label", "town") if (text := _text(sent, f"locations.{at}.{name}"))} for at in rows]
    lie_in = _named("jurisdictions", sent, [f"locations.{at}.jurisdiction" for at in rows])
    for each, at in zip(locations, rows, strict=True):
        each.update({"jurisdiction": code} if (code := lie_in[f"locations.{at}.jurisdiction"]) else {})
        more: Body = {"step_free": STEP_FREE.get(_text(sent, f"locations.{at}.step_free")), "access": sent.getlist(f"locations.{at}.access")}
        each.update(more)
    lists = ("units", "age_bands", "access")
    for name in lists:
        places |= _at_once(name, sent)
    return {"locations": locations, **{name: sent.getlist(name) for name in lists}}, places


def languages_of(therapist: Therapist, _: Waiting) -> Body:
    """Each with its level."""
    rows = sorted(therapist.languages, key=lambda row: (("native", "working", "basic").index(row.level), row.language))
    labels = words_of("languages")
    return {f"languages.{at}.{name}": text for at, row in enumerate(rows) for name, text in (("language", labels[row.language]), ("level", row.level))}


def languages_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_languages` over the API takes them."""
    rows, places = _filled(sent, "languages", MOST_LANGUAGES, ("language",))
    named = _named("languages", sent, [f"languages.{at}.language" for at in rows])
    return {"languages": [{"language": named[f"languages.{at}.language"], "level": _text(sent, f"languages.{at}.level")} for at in rows]}, places


def modalities_of(therapist: Therapist, waiting: Waiting) -> Body:
    """Those that are declared."""
    return {"modalities": [*(row.modality for row in therapist.modalities), *(each["slug"] for each in waiting.get("modalities", ()))]}


def modalities_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_modalities` over the API takes them."""
    return {"modalities": sent.getlist("modalities")}, _at_once("modalities", sent)


def concerns_of(therapist: Therapist, waiting: Waiting) -> Body:
    """The core ones in their order, and the others."""
    places = [(row.concern, row.core_position) for row in therapist.concerns] + [(each["slug"], each["core_position"]) for each in waiting.get("concerns", ())]
    core = sorted(((place, slug) for slug, place in places if place is not None), key=lambda each: each[0])
    labels = words_of("concerns")
    return {**{f"core.{at}": labels[slug] for at, (_, slug) in enumerate(core)}, "others": [slug for slug, place in places if place is None]}


def concerns_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_concerns` over the API takes them."""
    rows = [at for at in range(CORE) if _text(sent, f"core.{at}")]
    places = {f"core.{index}": f"core.{at}" for index, at in enumerate(rows)} | _at_once("others", sent)
    named = _named("concerns", sent, [f"core.{at}" for at in rows])
    return {"core": [named[f"core.{at}"] for at in rows], "others": sent.getlist("others")}, places


def basics_of(therapist: Therapist, _: Waiting) -> Body:
    """Country, zone, how many clients."""
    return {
        "country": therapist.country,
        "zone": therapist.zone,
        "places": "" if therapist.places is None else str(therapist.places),
        "waitlist_open": "yes" if therapist.waitlist_open else "",
    }


def basics_sent(sent: Sent) -> tuple[Body, Places]:
    """As an edit of the profile over the API takes them."""
    places = _text(sent, "places")
    return {
        "country": _text(sent, "country"),
        "zone": _text(sent, "zone"),
        "places": whole_number(places) if places else None,
        "waitlist_open": _text(sent, "waitlist_open") == "yes",
    }, {}


def rows_shown(texts: Mapping[str, Any], name: str, part: str, *, most: int) -> range:
    """So many rows that a few are empty."""
    return range(min(most, sum(key.startswith(f"{name}.") and key.endswith(f".{part}") and bool(text) for key, text in texts.items()) + EMPTY_ROWS))


Reader: TypeAlias = Callable[[Sent], tuple[Body, Places]]
Writer: TypeAlias = Callable[[Therapist, Waiting], Body]
# By the button of each form: what stands, and what was sent.
FORMS: dict[str, tuple[Writer, Reader]] = {
    "formats": (formats_of, formats_sent),
    "languages": (languages_of, languages_sent),
    "modalities": (modalities_of, modalities_sent),
    "concerns": (concerns_of, concerns_sent),
    "basics": (basics_of, basics_sent),
}


def words_of(name: str) -> dict[str, str]:
    """Slug or code by words, of a list that is too long to be shown at each of its fields: they offer it while somebody types."""
    return {slug: each.label for slug, each in getattr(vocabulary(), name).items()}


def _named(name: str, sent: Sent, filled: Sequence[str]) -> dict[str, str]:
    """What was typed, by field, as the vocabulary names it. Invalid at each field that says nothing of the list."""
    words = words_of(name)
    known = {label.casefold(): slug for slug, label in words.items()} | {slug.casefold(): slug for slug in words}
    found = {field: known.get(text.casefold()) if (text := _text(sent, field)) else "" for field in filled}
    if errors := {field: ["Not on our list: choose one of the words that are offered as you type."] for field, slug in found.items() if slug is None}:
        raise Invalid(errors=errors)
    return {field: slug or "" for field, slug in found.items()}


def _filled(sent: Sent, name: str, most: int, parts: Sequence[str]) -> tuple[list[int], Places]:
    rows = [at for at in range(most + EMPTY_ROWS) if any(_text(sent, f"{name}.{at}.{part}") for part in parts)]
    known = ("id", "label", "town", "jurisdiction", "step_free", "access", "language", "level")
    places = {f"{name}.{index}": f"{name}.{at}.{parts[0]}" for index, at in enumerate(rows)}
    return rows, places | {f"{name}.{index}.{part}": f"{name}.{at}.{part}" for index, at in enumerate(rows) for part in known}


def _at_once(name: str, sent: Sent) -> Places:
    """A tick that is wrong is said of all of them: they stand together."""
    return {f"{name}.{index}": name for index, _ in enumerate(sent.getlist(name))}


def _text(sent: Sent, name: str) -> str:
    return sent.get(name, "").strip()
