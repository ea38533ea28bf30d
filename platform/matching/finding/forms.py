"""A filled form as the answers of a screen: exactly what the API would be sent. Pure; who judges them is `answers.checked`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

from core.money import of_units
from matching.finding.hours import read_windows
from matching.questionnaire import Field
from matching.weights import DIMENSIONS

# Rows of one question, and values in a row: more than a page ever offers.
MOST_ROWS, MOST_VALUES = 12, 12


class Form(Protocol):
    def get(self, name: str, default: str = "") -> str: ...
    def getlist(self, name: str) -> list[str]: ...


def read_answers(fields: Iterable[Field], form: Form) -> dict[str, Any]:
    """The answers to these questions; None where nothing was said. What is no answer stays as it was written, for whoever checks answers to refuse and for
    the page to show again.
    """
    return {field.name: _READERS[field.kind](field.name, form) for field in fields}


def _word(name: str, form: Form) -> str | None:
    return form.get(name, "").strip() or None


def _text(name: str, form: Form) -> str | None:
    """Browsers send line breaks as CRLF."""
    return form.get(name, "").replace("\r\n", "\n").strip() or None


def _words(name: str, form: Form) -> list[str] | None:
    return [each for each in form.getlist(name) if each] or None


def _flag(name: str, form: Form) -> bool | None:
    return True if form.get(name) == "yes" else None


def _number(name: str, form: Form) -> float | str | None:
    written = form.get(name, "")
    try:
        return float(written) if written else None
    except ValueError:
        return written


def _money(name: str, form: Form) -> Mapping[str, Any] | None:
    """An amount that is none of its currency stays text, which is none for whoever checks it."""
    written, currency = form.get(name, "").strip(), form.get(f"{name}_currency", "").strip()
    if not written:
        return None
    try:
        return {"amount": of_units(written, currency).amount, "currency": currency}
    except ValueError:
        return {"amount": written, "currency": currency}


def _windows(name: str, form: Form) -> list[dict[str, Any]] | None:
    return read_windows(form.getlist(name)[:100]) or None


def _wishes(name: str, form: Form) -> list[dict[str, Any]] | None:
    """Rows of ``name-0`` (values) and ``name-0-strength``; a row without a value wishes for nothing."""
    rows = []
    for number in range(MOST_ROWS):
        values = _row_values(form, f"{name}-{number}")
        if values:
            rows.append({"any_of": values, "strength": form.get(f"{name}-{number}-strength", "") or "strong"})
    return rows or None


def _identity_wishes(name: str, form: Form) -> list[dict[str, Any]] | None:
    """Rows as above, with ``-kind`` and ``-relation``."""
    rows = []
    for number in range(len(form.getlist(f"{name}-row"))):
        prefix = f"{name}-{number}"
        values = _row_values(form, prefix)
        if values:
            relation = form.get(f"{prefix}-relation", "") or "shares"
            rows.append(
                {"kind": form.get(f"{prefix}-kind", ""), "any_of": values, "relation": relation, "strength": form.get(f"{prefix}-strength", "") or "nice"}
            )
    return rows or None


def _row_values(form: Form, name: str) -> Sequence[str]:
    return list(dict.fromkeys(each.strip() for each in form.getlist(name)[:MOST_VALUES] if each.strip()))


def _emphasis(name: str, form: Form) -> dict[str, str] | None:
    given = {dimension.name: form.get(f"{name}-{dimension.name}", "") for dimension in DIMENSIONS}
    return {each: how for each, how in given.items() if how and how != "normal"} or None


_READERS: Mapping[str, Callable[[str, Form], Any]] = {
    "choice": _word,
    "slug": _word,
    "zone": _word,
    "name": _word,
    "text": _text,
    "choices": _words,
    "slugs": _words,
    "flag": _flag,
    "number": _number,
    "money": _money,
    "windows": _windows,
    "wishes": _wishes,
    "identity_wishes": _identity_wishes,
    "emphasis": _emphasis,
}
