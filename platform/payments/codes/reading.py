"""Codes as whoever made them sees them: never the code itself, which was told once."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from core.db import db
from core.money import Money
from payments.codes.models import DiscountCode

MOST_LISTED = 500


@dataclass(frozen=True, slots=True)
class CodeShown:
    """`percent` or `off`; `text` only where it was made just now."""

    public_id: uuid.UUID
    hint: str
    source: str
    percent: int | None
    off: Money | None
    holds_from: datetime | None
    holds_until: datetime | None
    first_only: bool
    most_uses: int | None
    most_uses_each: int | None
    uses: int
    made_at: datetime
    stopped_at: datetime | None
    text: str | None = None


def codes_of(payee_id: int | None) -> Sequence[CodeShown]:
    """The latest codes of this payee, or of the platform."""
    source = "platform" if payee_id is None else "therapist"
    wanted = select(DiscountCode).where(DiscountCode.source == source, DiscountCode.payee_id.is_not_distinct_from(payee_id))
    return [show_code(code) for code in db.session.scalars(wanted.order_by(DiscountCode.id.desc()).limit(MOST_LISTED))]


def show_code(code: DiscountCode, text: str | None = None) -> CodeShown:
    terms = code.terms
    return CodeShown(
        public_id=code.public_id,
        hint=code.hint,
        source=code.source,
        percent=None if terms.points is None else terms.points // 100,
        off=terms.off,
        holds_from=code.holds_from,
        holds_until=code.holds_until,
        first_only=code.first_only,
        most_uses=code.most_uses,
        most_uses_each=code.most_uses_each,
        uses=code.uses,
        made_at=code.made_at,
        stopped_at=code.stopped_at,
        text=text,
    )
