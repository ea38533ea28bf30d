"""Looking at a code, using it, and giving a use back: under the lock of the code's row, so that the last use has one winner."""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from core import audit
from core.db import db
from core.errors import Conflict
from core.money import Money
from payments.codes.issue import digest_of
from payments.codes.models import CodeUse, DiscountCode
from payments.codes.terms import REFUSALS, Occasion, off, refusal


class CodeDoesNotHold(Conflict):
    """`reason` in the problem document is one of `terms.REFUSALS`; a code that is not there reads as somebody else's."""

    code, detail = "code_does_not_hold", "This code cannot be used here."

    def __init__(self, reason: str) -> None:
        super().__init__(REFUSALS[reason], extra={"reason": reason})


@dataclass(frozen=True, slots=True)
class Reduced:
    """Both prices are shown."""

    before: Money
    after: Money


def look_at_code(text: str, occasion: Occasion, *, now: datetime) -> Reduced:
    """What it would cost with this code; CodeDoesNotHold. Keeps nothing."""
    code = db.session.scalars(select(DiscountCode).where(DiscountCode.digest == digest_of(text))).one_or_none()
    taken_off = _taken_off(code, occasion, now=now)
    return Reduced(occasion.price, Money(occasion.price.amount - taken_off, occasion.price.currency))


def use_code(text: str, occasion: Occasion, *, reference: uuid.UUID, now: datetime) -> CodeUse:
    """Take one use for this reference. Another code of the same reference is given back first; the same one again changes nothing. CodeDoesNotHold."""
    found = select(DiscountCode).where(DiscountCode.digest == digest_of(text))
    code = db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    standing = use_of(reference)
    if standing is not None and code is not None and (standing.code_id, standing.price_amount) == (code.id, occasion.price.amount):
        return standing
    if standing is not None:
        give_back_use(reference, now=now)
    taken_off = _taken_off(code, occasion, now=now)
    assert code is not None
    code.uses += 1
    use = CodeUse(
        code_id=code.id,
        person_id=occasion.payer_id,
        reference=reference,
        price_amount=occasion.price.amount,
        off_amount=taken_off,
        currency=occasion.price.currency,
        bearer=code.bearer,
        used_at=now,
    )
    db.session.add(use)
    db.session.flush()
    audit.record("payments.code_used", subject=("discount_code", code.id), actor=occasion.payer_id, use=use.id)
    return use


def use_of(reference: uuid.UUID) -> CodeUse | None:
    """The use that stands for this reference."""
    return db.session.scalars(select(CodeUse).where(CodeUse.reference == reference, CodeUse.given_back_at.is_(None))).one_or_none()


def was_given_back(reference: uuid.UUID, to_pay: int) -> bool:
    """Whether a use that left so many minor units to pay for this reference was given back."""
    over = select(CodeUse.id).where(CodeUse.reference == reference, CodeUse.given_back_at.is_not(None))
    return db.session.execute(over.where(CodeUse.price_amount - CodeUse.off_amount == to_pay).limit(1)).first() is not None


def give_back_use(reference: uuid.UUID, *, now: datetime) -> None:
    """What it was for came to nothing: the code can be used once more. Nothing where no use stands."""
    give_back_uses([reference], now=now)


def give_back_uses(references: Collection[uuid.UUID], *, now: datetime) -> None:
    """The same for several, in as many statements as for one."""
    standing = select(CodeUse).where(CodeUse.reference.in_(references), CodeUse.given_back_at.is_(None)).execution_options(populate_existing=True)
    code_ids = {use.code_id for use in db.session.scalars(standing)} if references else set()
    if not code_ids:
        return
    locked = select(DiscountCode).where(DiscountCode.id.in_(code_ids)).order_by(DiscountCode.id).with_for_update()
    codes = {code.id: code for code in db.session.scalars(locked.execution_options(populate_existing=True))}
    for use in db.session.scalars(standing.where(CodeUse.code_id.in_(codes))).all():
        use.given_back_at = now
        codes[use.code_id].uses -= 1
    db.session.flush()


def pass_on_use(before: uuid.UUID, after: uuid.UUID) -> None:
    """What it was taken for has another name now."""
    use = use_of(before)
    if use is not None:
        use.reference = after
        db.session.flush()


def _taken_off(code: DiscountCode | None, occasion: Occasion, *, now: datetime) -> int:
    if code is None:
        raise CodeDoesNotHold("not_yours")
    of_person = select(func.count()).where(CodeUse.code_id == code.id, CodeUse.person_id == occasion.payer_id, CodeUse.given_back_at.is_(None))
    reason = refusal(code.terms, occasion, uses=code.uses, uses_of_person=db.session.execute(of_person).scalar_one(), now=now)
    if reason is not None:
        raise CodeDoesNotHold(reason)
    return off(code.terms, occasion.price)
