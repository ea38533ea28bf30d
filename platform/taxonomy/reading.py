"""From the data files to frozen entries. Pure; every complaint names the file, the entry and the field.

A file is ``{"facet", "version", "note", "sources", "items": [...]}``. Keys that an entry's class does not know are refused, so a typing error in the data
cannot pass as an absent value.
"""

import hashlib
import json
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar, cast, get_args, get_origin, get_type_hints

from taxonomy.terms import ConcernCode, CredentialType, Facet, FacetValue, FactSource, TemporaryPractice

DATA = Path(__file__).parent / "data"
FILES = ("goals", "concerns", "modalities", "evidence", "languages", "jurisdictions", "registers", "crisis_lines", "facets", "required_checks")
NESTED: Mapping[str, type] = {"codes": ConcernCode, "facts": FactSource, "credential_types": CredentialType, "temporary": TemporaryPractice}

Entry = TypeVar("Entry")
Document = Mapping[str, Any]


class VocabularyError(ValueError):
    """The data files contradict themselves; the message lists everything that was found."""

    def __init__(self, complaints: Iterable[str]) -> None:
        self.complaints = tuple(complaints)
        super().__init__("The vocabulary cannot be used:\n" + "\n".join(f"- {each}" for each in self.complaints))


def documents(folder: Path = DATA) -> dict[str, Document]:
    """Every file of the folder by its name."""
    return {name: json.loads((folder / f"{name}.json").read_bytes()) for name in FILES}


def version_of(read: Mapping[str, Document]) -> str:
    """The latest date that a file names, and a digest of all contents: no change of data can keep the version it had."""
    contents = json.dumps([read[name] for name in FILES], sort_keys=True, ensure_ascii=False).encode()
    return f"{max(document['version'] for document in read.values())}-{hashlib.sha256(contents).hexdigest()[:8]}"


def by_slug(entries: Iterable[Entry], where: str) -> Mapping[str, Entry]:
    """Entries by slug in their order; a slug that stands twice is refused."""
    found: dict[str, Entry] = {}
    for entry in entries:
        slug: str = entry.slug  # type: ignore[attr-defined]
        if slug in found:
            raise VocabularyError([f"{where}: {slug} stands twice"])
        found[slug] = entry
    return MappingProxyType(found)


def read_entries(kind: type[Entry], rows: Iterable[Mapping[str, Any]], where: str) -> tuple[Entry, ...]:
    """One frozen entry per row, in their order; VocabularyError with all complaints about keys and types."""
    entries: list[Entry] = []
    complaints: list[str] = []
    for number, row in enumerate(rows):
        name = f"{where}: {row.get('slug') or row.get('code') or row.get('concern') or number}"
        try:
            entries.append(_read(kind, row, name))
        except VocabularyError as error:
            complaints += error.complaints
    if complaints:
        raise VocabularyError(complaints)
    return tuple(entries)


def read_facet(row: Mapping[str, Any]) -> Facet:
    where = f"facets: {row.get('slug')}"
    values = by_slug(read_entries(FacetValue, row.get("values", ()), where), where)
    return Facet(row["slug"], row["label"], values, row.get("note"))


@cache
def _types(kind: Any) -> Mapping[str, Any]:
    hints = get_type_hints(kind)
    return {each.name: hints[each.name] for each in fields(kind)}


@cache
def _required(kind: Any) -> frozenset[str]:
    return frozenset(each.name for each in fields(kind) if each.default is MISSING and each.default_factory is MISSING)


def _read(kind: type[Entry], row: Mapping[str, Any], name: str) -> Entry:
    types = _types(cast(Hashable, kind))
    complaints = [f"{name}: unknown field {key}" for key in sorted(row.keys() - types.keys())]
    complaints += [f"{name}: {key} is missing" for key in sorted(_required(cast(Hashable, kind)) - row.keys())]
    if complaints:
        raise VocabularyError(complaints)
    values = {key: _value(value, types[key], NESTED.get(key), f"{name}.{key}") for key, value in row.items()}
    return kind(**values)


def _value(value: Any, expected: Any, nested: type | None, name: str) -> Any:
    if get_origin(expected) is tuple:
        if not isinstance(value, list):
            raise VocabularyError([f"{name}: a list is needed"])
        if nested is not None:
            return tuple(_read(nested, each, f"{name}.{number}") for number, each in enumerate(value))
        if any(not isinstance(each, str) or not each.strip() for each in value):
            raise VocabularyError([f"{name}: every element is a text"])
        return tuple(value)
    allowed = get_args(expected) or (expected,)
    if all(isinstance(each, str) for each in allowed):  # a Literal
        fits = value in allowed
    else:
        kinds = tuple(int if each is float else each for each in allowed) + allowed
        fits = isinstance(value, kinds) and (not isinstance(value, bool) or bool in allowed)
    if not fits:
        raise VocabularyError([f"{name}: {value!r} is not possible here"])
    return value
