"""What a therapist says of themselves, as plain forms: rows as texts, and back into the bodies that the API takes."""

from collections.abc import Mapping, Sequence
from typing import Any

from taxonomy.vocabulary import vocabulary
from therapists.models import Therapist
from therapists.practice_pages.statements.form import Body, Places, Sent

MOST_STATEMENTS = 40
PARTS = ("kind", "value", "relation", "audience")
DIMENSIONS = ("led", "intensity", "past", "warmth")
LISTS = ("populations", "insurers")
# Between the two ends of a dimension, as far as a page offers it.
STEPS = (-1.0, -0.5, 0.0, 0.5, 1.0)


def identities_of(therapist: Therapist, waiting: Mapping[str, Sequence[Mapping[str, Any]]]) -> Body:
    """Each statement with its audience, those that wait for a reader too."""
    rows = [{name: getattr(row, name) for name in PARTS} for row in therapist.identities]
    rows += [{"relation": "shares", "audience": "nobody", **each} for each in waiting.get("identities", ())]
    rows.sort(key=lambda row: (list(vocabulary().facets["identity_kinds"]).index(row["kind"]), row["value"]))
    words = offered_words()
    shown = [row | {"value": words.get(row["kind"], {}).get(row["value"], row["value"])} for row in rows]
    return {f"identities.{at}.{name}": row[name] for at, row in enumerate(shown) for name in PARTS}


def identities_sent(sent: Sent) -> tuple[Body, Places]:
    """As `set_identities` over the API takes them. A row is there where something is said in it."""
    rows = [at for at in range(MOST_STATEMENTS + 1) if _text(sent, at, "kind") or _text(sent, at, "value")]
    words = offered_words()
    statements = [{name: text for name in PARTS if (text := _text(sent, at, name))} for at in rows]
    for each in statements:
        slugs = {label.casefold(): slug for slug, label in words.get(each.get("kind", ""), {}).items()}
        if "value" in each:
            each["value"] = slugs.get(each["value"].casefold(), each["value"])
    places = {f"identities.{index}": f"identities.{at}.value" for index, at in enumerate(rows)}
    return {"identities": statements}, places | {f"identities.{index}.{name}": f"identities.{at}.{name}" for index, at in enumerate(rows) for name in PARTS}


def style_of(therapist: Therapist) -> Body:
    """Where between the two ends; empty where nothing is said."""
    return {name: "" if (value := getattr(therapist, f"style_{name}")) is None else str(value) for name in DIMENSIONS}


def style_sent(sent: Sent) -> Body:
    """As `set_style` over the API takes it."""
    return {name: _number(sent.get(name, "").strip()) for name in DIMENSIONS}


def style_options(stands: str, low: str, high: str) -> list[tuple[str, str]]:
    """Five steps from one end to the other, and what was said more finely elsewhere."""
    words = (low, f"Rather: {low}", "In between, or it depends", f"Rather: {high}", high)
    options = [("", "Not stated"), *((str(step), label) for step, label in zip(STEPS, words, strict=True))]
    return options if stands in dict(options) else [*options, (stands, f"{stands}, as it stands")]


def people_of(therapist: Therapist) -> Body:
    """Whom they know well, and whose insurance they accept by their own word."""
    return {name: getattr(therapist, name) for name in LISTS}


def people_sent(sent: Sent) -> tuple[Body, Places]:
    """As an edit of the profile over the API takes them."""
    return {name: sent.getlist(name) for name in LISTS}, {f"{name}.{at}": name for name in LISTS for at, _ in enumerate(sent.getlist(name))}


def offered_words() -> dict[str, dict[str, str]]:
    """By kind of statement the words that it is said in, where they are closed."""
    found: dict[str, dict[str, str]] = {}
    for slug, each in vocabulary().facets["identity_values"].items():
        found.setdefault(each.kind or "", {})[slug] = each.label
    return found


def _number(text: str) -> float | str | None:
    try:
        return float(text) if text else None
    except ValueError:
        return text


def _text(sent: Sent, at: int, name: str) -> str:
    return sent.get(f"identities.{at}.{name}", "").strip()
