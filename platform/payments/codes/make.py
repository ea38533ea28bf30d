"""Make a code out of what a therapist or an operator filled in."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from accounts.models import Person
from core.db import db
from core.errors import Invalid
from payments.codes.issue import issue_code
from payments.codes.reading import CodeShown, show_code
from payments.codes.terms import Bearer, Terms


def make_code(body: Mapping[str, Any], *, bearer: Bearer, payee_id: int | None, by: int, now: datetime) -> CodeShown:
    """`body` as `MakeCodeSchema` reads it. Invalid by field; the code itself is in what comes back, and nowhere else."""
    limits = {name: body[name] for name in ("holds_from", "holds_until", "first_only", "most_uses", "most_uses_each")}
    if (body["percent"] is None) == (body["off"] is None):
        raise Invalid(errors={"percent": ["Give a share or an amount, one of them."]})
    if body["off"] is not None and body["off"].amount == 0:
        raise Invalid(errors={"off": ["More than nothing."]})
    if None not in (body["holds_from"], body["holds_until"]) and body["holds_from"] >= body["holds_until"]:
        raise Invalid(errors={"holds_until": ["After `holds_from`."]})
    points = None if body["percent"] is None else body["percent"] * 100
    terms = Terms(points=points, off=body["off"], person_id=_person(body["person_id"]), payee_id=payee_id, bearer=bearer, **limits)
    issued = issue_code(terms, source="platform" if payee_id is None else "therapist", by=by, now=now)
    return show_code(issued.code, issued.text)


def _person(public_id: uuid.UUID | None) -> int | None:
    if public_id is None:
        return None
    found = db.session.execute(select(Person.id).where(Person.public_id == public_id)).scalar_one_or_none()
    if found is None:
        raise Invalid(errors={"person_id": ["Nobody we know."]})
    return found
