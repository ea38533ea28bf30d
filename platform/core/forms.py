"""A plain form of a page, read through the schema that the API reads with: one set of rules, two doors."""

import uuid
from collections.abc import Mapping
from typing import Any

import marshmallow as ma
from flask import request

from core.errors import DomainError, Invalid, NotFound
from core.http import flat_errors


def read_through(schema: type[ma.Schema], given: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as the API would have taken it; a field that was left empty was not sent. Invalid by field."""
    try:
        return schema().load({name: value for name, value in given.items() if value not in ("", None)})  # type: ignore[no-any-return]
    except ma.ValidationError as error:
        raise Invalid(errors=flat_errors(error.messages)) from error


def form_id(name: str, *, otherwise: str = "") -> uuid.UUID:
    """An outside id out of a hidden field; for whatever is none NotFound, as for one that nobody has, or Invalid in these words."""
    try:
        return uuid.UUID(request.form.get(name, ""))
    except ValueError as error:
        raise (Invalid(otherwise) if otherwise else NotFound()) from error


def words_of_refusal(refused: DomainError) -> str:
    """A refusal for the eyes of a person: what happened, and what is wrong with which field."""
    fields = [f"{name.replace('_', ' ').capitalize()}: {' '.join(messages)}" for name, messages in (refused.errors or {}).items()]
    return " ".join([refused.detail, *fields])
