"""Lists of cases: the most pressing first (by their clock), filtered by kind, state and owner."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select, tuple_

from core.db import db
from core.errors import Invalid
from core.http import cursor_of, key_of
from desk.cases import WITH_PEOPLE
from desk.models import Case


@dataclass(frozen=True)
class CasePage:
    items: Sequence[Case]
    next: str | None


def cases_of(
    kinds: Collection[str],
    *,
    limit: int,
    states: Collection[str] = ("open", "owned"),
    owner_id: int | None = None,
    cursor: str | None = None,
) -> CasePage:
    """One page of the cases of these kinds and states, the earliest clock first; with `owner_id` only that person's."""
    wanted = select(Case).where(Case.kind.in_(kinds), Case.state.in_(states)).order_by(Case.due_at, Case.public_id).limit(limit + 1).options(*WITH_PEOPLE)
    if owner_id is not None:
        wanted = wanted.where(Case.owner_id == owner_id)
    if cursor is not None:
        wanted = wanted.where(tuple_(Case.due_at, Case.public_id) > tuple_(*position_in(cursor)))
    found = db.session.scalars(wanted).all()
    last = found[limit - 1] if len(found) > limit else None
    return CasePage(found[:limit], cursor_of(last.due_at.isoformat(), str(last.public_id)) if last else None)


def position_in(cursor: str) -> tuple[datetime, uuid.UUID]:
    """The (instant, public id) of a cursor made by this list; Invalid for anything else."""
    instant, public_id = key_of(cursor, str, str)
    try:
        at = datetime.fromisoformat(instant)
        if at.tzinfo is None:
            raise ValueError(instant)
        return at.astimezone(UTC), uuid.UUID(public_id)
    except (ValueError, OverflowError) as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error
