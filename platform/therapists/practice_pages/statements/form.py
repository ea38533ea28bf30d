"""What a therapist states, as plain forms: rows as texts, and back into the bodies that the API takes. Empty rows are not there."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from werkzeug.datastructures import MultiDict

from core.forms import whole_number
from therapists.models import Therapist
from therapists.representations import place_json

Body: TypeAlias = dict[str, Any]
Sent: TypeAlias = MultiDict[str, str]
# Where in the form the n-th row stands that is not empty.
Places: TypeAlias = dict[str, str]
CORE = 5
EMPTY_ROWS, MOST_PLACES, MOST_LANGUAGES = 2, 20, 30
STEP_FREE = {"yes": True, "no": False}


def formats_of(therapist: Therapist) -> Body:
    """For whom, and where."""
    texts: Body = {"units": therapist.units, "age_bands": therapist.age_bands, "access": therapist.access}
    for at, place in enumerate(therapist.locations):
        facts = place_json(place)
        texts |= {f"locations.{at}.{name}": str(facts[name]) for name in ("id", "label", "town", "jurisdiction")}
        texts |= {f"locations.{at}.step_free": {True: "yes", False: "no"}.get(facts["step_free"], ""), f"locations.{at}.access": facts["access"]}
    return texts


def formats_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_formats` over the API takes them."""
    rows, places = _filled(sent, "locations", MOST_PLACES, ("label", "town", "jurisdiction"))
    locations = [{name: text for name in ("id", "label", "town", "jurisdiction") if (text := _text(sent, f"locations.{at}.{name}"))} for at in rows]
    for each, at in zip(locations, rows, strict=True):
        more: Body = {"step_free": STEP_FREE.get(_text(sent, f"locations.{at}.step_free")), "access": sent.getlist(f"locations.{at}.access")}
        each.update(more)
    lists = ("units", "age_bands", "access")
    for name in lists:
        places |= _at_once(name, sent)
    return {"locations": locations, **{name: sent.getlist(name) for name in lists}}, places


def languages_of(therapist: Therapist) -> Body:
    """Each with its level."""
    rows = sorted(therapist.languages, key=lambda row: (("native", "working", "basic").index(row.level), row.language))
    return {f"languages.{at}.{name}": getattr(row, name) for at, row in enumerate(rows) for name in ("language", "level")}


def languages_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_languages` over the API takes them."""
    rows, places = _filled(sent, "languages", MOST_LANGUAGES, ("language",))
    return {"languages": [{name: _text(sent, f"languages.{at}.{name}") for name in ("language", "level")} for at in rows]}, places


def modalities_of(therapist: Therapist) -> Body:
    """Those that are declared."""
    return {"modalities": [row.modality for row in therapist.modalities]}


def modalities_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_modalities` over the API takes them."""
    return {"modalities": sent.getlist("modalities")}, _at_once("modalities", sent)


def concerns_of(therapist: Therapist) -> Body:
    """The core ones in their order, and the others."""
    core = sorted((row for row in therapist.concerns if row.core_position is not None), key=lambda row: row.core_position or 0)
    others = [row.concern for row in therapist.concerns if row.core_position is None]
    return {**{f"core.{at}": row.concern for at, row in enumerate(core)}, "others": others}


def concerns_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_concerns` over the API takes them."""
    rows = [at for at in range(CORE) if _text(sent, f"core.{at}")]
    places = {f"core.{index}": f"core.{at}" for index, at in enumerate(rows)} | _at_once("others", sent)
    return {"core": [_text(sent, f"core.{at}") for at in rows], "others": sent.getlist("others")}, places


def basics_of(therapist: Therapist) -> Body:
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
Writer: TypeAlias = Callable[[Therapist], Body]
# By the button of each form: what stands, and what was sent.
FORMS: dict[str, tuple[Writer, Reader]] = {
    "formats": (formats_of, formats_sent),
    "languages": (languages_of, languages_sent),
    "modalities": (modalities_of, modalities_sent),
    "concerns": (concerns_of, concerns_sent),
    "basics": (basics_of, basics_sent),
}


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
