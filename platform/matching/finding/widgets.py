"""A question as its page shows it: words, possible answers, and what is answered already. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from core.money import Money
from matching.finding import labels
from matching.finding.hours import boxes
from matching.questionnaire import Field
from taxonomy.vocabulary import Vocabulary

EMPTY: Mapping[str, Any] = {"any_of": (), "strength": ""}
# The steps of a dial from -1 to 1; whatever was said more exactly over the API stays as a step of its own.
STEPS = ((-1.0, "Clearly: {0}"), (-0.5, "Rather: {0}"), (0.0, "In between"), (0.5, "Rather: {1}"), (1.0, "Clearly: {1}"))


@dataclass(frozen=True)
class Asked:
    """`shape` names the macro that draws it. `held` is the answer in the form that the macro takes."""

    name: str
    shape: str
    label: str
    held: Any
    required: bool = False
    longest: int = 200
    options: tuple[labels.Option, ...] = ()
    groups: tuple[labels.Group, ...] = ()
    rows: tuple[Any, ...] = ()


def asked(field: Field, held: Mapping[str, Any], vocabulary: Vocabulary, *, currencies: tuple[str, ...] = ()) -> Asked:
    """The question with what is held of it."""
    value = held.get(field.name)
    plain: dict[str, Any] = {"name": field.name, "label": field.label, "required": field.required, "longest": field.longest}
    if field.kind in ("choice", "slug", "slugs", "choices"):
        return _closed(field, value, plain, vocabulary)
    if field.kind in ("wishes", "identity_wishes"):
        return _rows(field, value or [], plain, vocabulary)
    if field.kind == "windows":
        return Asked(**plain, shape="windows", held=value, rows=tuple(boxes(value or [])))
    if field.kind == "money":
        return _money(value, plain, currencies)
    if field.kind == "number":
        steps = [*STEPS] if value in (None, *(step for step, _ in STEPS)) else [*STEPS, (value, "As you said it before")]
        ends = [each.lower() for each in labels.STYLE_ENDS[field.name]]
        options = tuple((f"{step:g}", words.format(*ends)) for step, words in steps)
        return Asked(**plain, shape="dial", held=value, options=options, rows=labels.STYLE_ENDS[field.name])
    if field.kind == "emphasis":
        rows = tuple((name, label, (value or {}).get(name, "normal")) for name, label in labels.EMPHASES_LABELS.items())
        return Asked(**plain, shape="emphasis", held=value, rows=rows, options=tuple(labels.EMPHASIS_WORDS.items()))
    if field.kind == "name":
        options = labels.insurers(vocabulary)
        extra = ((value, value),) if value and value not in dict(options) else ()
        return Asked(**plain, shape="select", held=value, options=(*options, *extra))
    return Asked(**plain, shape={"flag": "flag", "text": "lines" if field.longest > 200 else "line", "zone": "line"}[field.kind], held=value)


def _closed(field: Field, value: Any, plain: dict[str, Any], vocabulary: Vocabulary) -> Asked:
    options, groups = labels.options(field, vocabulary), labels.groups(field, vocabulary)
    many = field.kind in ("slugs", "choices")
    if many and (groups or field.list_name == "jurisdictions"):
        shape = "selects"
        value = [*(value or []), *[None] * min(2, field.most - len(value or []))]
    else:
        shape = "boxes" if many else "select" if groups or len(options) > 8 else "radios"
    return Asked(**plain, shape=shape, held=value if value is not None else [] if many else None, options=options, groups=groups)


def _rows(field: Field, held: list[Mapping[str, Any]], plain: dict[str, Any], vocabulary: Vocabulary) -> Asked:
    """A row for each wish, with room for one more value and one more wish."""
    if field.kind == "wishes":
        rows = (*held, EMPTY) if len(held) < field.most else tuple(held)
        return Asked(**plain, shape="wishes", held=held, options=labels.options(field, vocabulary), rows=rows)
    questions = {kind: (label, options) for kind, label, options in labels.identity_questions(vocabulary)}
    known = [(each, *questions[each["kind"]]) for each in held if each["kind"] in questions]
    room = [({"kind": kind, "any_of": (), "relation": "shares", "strength": "nice"}, *told) for kind, told in questions.items()]
    return Asked(**plain, shape="identities", held=held, rows=(*known, *(room if len(held) < field.most else [])))


def _money(value: Any, plain: dict[str, Any], currencies: tuple[str, ...]) -> Asked:
    """An amount that was refused is shown as it was written."""
    currency = value["currency"] if value else currencies[0] if len(currencies) == 1 else ""
    amount = value["amount"] if value else ""
    written = str(Money(amount, currency)).partition(" ")[2] if isinstance(amount, int) else amount
    known = currencies if not currency or currency in currencies else (*currencies, currency)
    return Asked(**plain, shape="money", held=(written, currency), options=tuple((each, each) for each in known))
