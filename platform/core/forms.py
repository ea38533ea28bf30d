"""A plain form of a page, read through the schema that the API reads with: one set of rules, two doors."""

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import marshmallow as ma
from flask import request
from werkzeug.datastructures import MultiDict

from core.db import savepoint
from core.errors import DomainError, Invalid, NotFound
from core.http import flat_errors
from core.zones import local_to_utc_seconds

# What is longer is no number that any form asks for, and is refused as it stands.
WHOLE_NUMBER = re.compile(r"[0-9]{1,7}")


@dataclass(frozen=True, slots=True)
class Form:
    """A form as its page shows it (`fields.html`): what was filled in, or what stands, and what is wrong with which field. `name` keeps the ids of several
    forms on a page apart.
    """

    values: MultiDict[str, str]
    detail: str = ""
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    name: str = ""

    def id(self, field_name: str) -> str:
        """The id of one of its fields."""
        return f"{self.name}-{field_name}" if self.name else field_name

    @property
    def complaints(self) -> list[tuple[str, str]]:
        """Each message with the id of the field that it is about."""
        return [(self.id(name), f"{_words_of(name)}: {message}") for name, messages in self.errors.items() for message in messages]


def form_of(stands: Mapping[str, Any], refused: DomainError | None = None, *, name: str = "", is_sent: bool = True) -> Form:
    """What stands, texts by field (lists where several can be chosen); after a refusal what was sent to this form, with what is wrong."""
    if refused is None or not is_sent:
        return Form(MultiDict(stands), name=name)
    return Form(request.form if request.method == "POST" else request.args, refused.detail, refused.errors, name)


def refusal_of(act: Callable[[], object]) -> DomainError | None:
    """Carry it out, or undo what it had begun and say why it was refused; the page that shows that is answered with its status, which rolls back the rest."""
    try:
        with savepoint():
            act()
    except DomainError as refused:
        return refused
    return None


def whole_number(text: str) -> int | str:
    """The number that was written; anything else as it stands, so that a schema refuses it."""
    return int(text) if WHOLE_NUMBER.fullmatch(text) else text


def named_as_filled_in(refused: DomainError, fields: Mapping[str, str]) -> DomainError:
    """The same refusal with its errors under the names that the form has: ``{"windows.3": "day-0"}`` takes along what is said of parts of it."""
    renamed: dict[str, list[str]] = {}
    for path, messages in refused.errors.items():
        parts = path.split(".")
        at = next((length for length in range(len(parts), 0, -1) if ".".join(parts[:length]) in fields), 0)
        begins = fields[".".join(parts[:at])] if at else ""
        renamed.setdefault(begins or path, []).extend(messages)
    refused.errors = renamed
    return refused


def read_through(schema: type[ma.Schema], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as the API would have taken it; a field that was left empty was not sent. Invalid by field."""
    try:
        return schema().load({name: value for name, value in given.items() if value not in ("", None)})  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid(errors=flat_errors(error.messages)) from error


def wall_time(name: str, text: str, zone: str) -> datetime:
    """The instant of a field ``datetime-local`` on the clock of a zone: where the clocks skip it the first after, of two the first. Invalid at the field."""
    try:
        read = datetime.strptime(text[:16], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 a wall clock has no zone; this one's is known
    except ValueError as error:
        raise Invalid(errors={name: ["Give a day and a time such as 2026-11-23 18:00."]}) from error
    if not 2000 <= read.year <= 2200:
        raise Invalid(errors={name: ["Give a date between 2000 and 2200."]})
    return datetime.fromtimestamp(local_to_utc_seconds(zone, read.year, read.month, read.day, read.hour * 60 + read.minute), UTC)


def form_id(name: str, *, otherwise: str = "") -> uuid.UUID:
    """An outside id out of a hidden field; for whatever is none NotFound, as for one that nobody has, or Invalid in these words."""
    try:
        return uuid.UUID(request.form.get(name, ""))
    except ValueError as error:
        raise (Invalid(otherwise) if otherwise else NotFound()) from error


def words_of_refusal(refused: DomainError) -> str:
    """A refusal for the eyes of a person: what happened, and what is wrong with which field."""
    return " ".join([refused.detail, *(f"{_words_of(name)}: {' '.join(messages)}" for name, messages in refused.errors.items())])


def _words_of(path: str) -> str:
    """``lengths.0.minutes`` as people count: Lengths 1 minutes."""
    return " ".join(str(int(part) + 1) if part.isdecimal() else part.replace("_", " ") for part in path.split(".")).capitalize()
