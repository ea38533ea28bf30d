"""Seal anew with the first of FIELD_KEYS what an older key sealed, so that the older one can be taken away.

In batches, each a transaction of its own: it may be stopped and started again, beside a running application.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, literal, or_, select

from core.crypto import Sealed, key_ring
from core.db import Base, db, transaction

BATCH = 500


def sealed_of(model: type) -> list[Sealed[object]]:
    """The sealed values of a model."""
    return [held for held in vars(model).values() if isinstance(held, Sealed)]


def reseal_all(*, batch: int = BATCH) -> dict[str, int]:
    """How many rows of each table were sealed anew; tables without any are missing. CannotOpen when a key is missing from FIELD_KEYS."""
    done: dict[str, int] = {}
    for mapper in sorted(Base.registry.mappers, key=lambda each: each.class_.__tablename__):
        while sealed_of(mapper.class_) and (count := _reseal_some(mapper.class_, batch)):
            name = mapper.class_.__tablename__
            done[name] = done.get(name, 0) + count
    return done


def _reseal_some(model: type, batch: int) -> int:
    name = key_ring().sealing.encode()
    mark = bytes([len(name)]) + name
    columns = [getattr(model, sealed.column) for sealed in sealed_of(model)]
    older = or_(*(func.substring(column, 1, len(mark)) != literal(mark) for column in columns))
    with transaction():
        rows: Sequence[Any] = db.session.execute(select(model).where(older).limit(batch).with_for_update(of=model)).scalars().all()
        for row in rows:
            for sealed in sealed_of(model):
                sealed.__set__(row, sealed.__get__(row, model))
        db.session.flush()
        db.session.expunge_all()
        return len(rows)
