"""Differences and comparisons as the desk reads them."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, tuple_
from sqlalchemy.orm import joinedload

from core.db import db
from core.errors import Invalid, NotFound
from core.http import cursor_of, key_of
from core.money import Money
from desk.models import Case
from payments.reconciler.kinds import KINDS, Action
from payments.reconciler.models import Comparison, Difference

SHOWN_RUNS = 20


@dataclass(frozen=True, slots=True)
class DifferenceShown:
    """`actions` are what its case's owner may do now; `mine` whether the reader is that owner."""

    public_id: uuid.UUID
    kind: str
    words: str
    confirms: str
    state: str
    name: str
    theirs: Money | None
    ours: Money | None
    at: datetime
    found_at: datetime
    actions: Sequence[Action]
    failure: str | None
    case_id: uuid.UUID
    case_state: str
    mine: bool
    payment_id: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class DifferencePage:
    items: Sequence[DifferenceShown]
    next: str | None


def differences_of(states: Collection[str], *, reader: int, limit: int, cursor: str | None) -> DifferencePage:
    """Those in these states, the one found last first. Invalid for a cursor that is not of this list."""
    wanted = select(Difference).where(Difference.state.in_(states)).order_by(Difference.found_at.desc(), Difference.id.desc()).limit(limit + 1)
    if cursor is not None:
        wanted = wanted.where(tuple_(Difference.found_at, Difference.id) < _position(cursor))
    found = db.session.scalars(wanted.options(joinedload(Difference.case).joinedload(Case.owner), joinedload(Difference.payment))).all()
    last = found[limit - 1] if len(found) > limit else None
    return DifferencePage([_shown(each, reader) for each in found[:limit]], cursor_of(last.found_at.isoformat(), last.id) if last is not None else None)


def show_difference(public_id: uuid.UUID, *, reader: int) -> DifferenceShown:
    """NotFound when there is none."""
    wanted = select(Difference).where(Difference.public_id == public_id).options(joinedload(Difference.case), joinedload(Difference.payment))
    found = db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()
    if found is None:
        raise NotFound
    return _shown(found, reader)


def comparisons() -> Sequence[Comparison]:
    """The latest ones first."""
    return db.session.scalars(select(Comparison).order_by(Comparison.id.desc()).limit(SHOWN_RUNS)).all()


def _shown(difference: Difference, reader: int) -> DifferenceShown:
    kind = KINDS[difference.kind]
    return DifferenceShown(
        public_id=difference.public_id,
        kind=difference.kind,
        words=kind.words,
        confirms=kind.confirms,
        state=difference.state,
        name=difference.name,
        theirs=difference.theirs,
        ours=difference.ours,
        at=difference.at,
        found_at=difference.found_at,
        actions=kind.actions if difference.state == "open" else (),
        failure=difference.failure,
        case_id=difference.case.public_id,
        case_state=difference.case.state,
        mine=difference.case.owner_id == reader,
        payment_id=difference.payment.public_id if difference.payment is not None else None,
    )


def _position(cursor: str) -> tuple[datetime, int]:
    found_at, difference_id = key_of(cursor, str, int)
    try:
        return datetime.fromisoformat(found_at), difference_id
    except ValueError as error:
        raise Invalid(errors={"cursor": ["Not a cursor of this list."]}) from error
