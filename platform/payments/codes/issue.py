"""Making and stopping codes. The code itself is told once, to whoever makes it, and kept as a digest."""

import hashlib
import secrets
import unicodedata
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import NotFound
from core.money import Money
from payments.codes.models import DiscountCode
from payments.codes.terms import Terms

# Without letters and digits that are mistaken for one another; 31 to the 10th is above 49 bits, and guesses are counted.
ALPHABET = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
LENGTH = 10
CALL_BACK_HOLDS = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class IssuedCode:
    """`text` is said this once."""

    code: DiscountCode
    text: str


def issue_code(terms: Terms, *, source: str, by: int, now: datetime) -> IssuedCode:
    """Make a code of these terms. `source`: platform, therapist, call_back."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    code = DiscountCode(
        public_id=uuid.uuid4(),
        digest=digest_of(letters),
        hint=letters[-4:],
        source=source,
        points=terms.points,
        off_amount=terms.off.amount if terms.off else None,
        off_currency=terms.off.currency if terms.off else None,
        holds_from=terms.holds_from,
        holds_until=terms.holds_until,
        person_id=terms.person_id,
        payee_id=terms.payee_id,
        first_only=terms.first_only,
        most_uses=terms.most_uses,
        most_uses_each=terms.most_uses_each,
        bearer=terms.bearer,
        uses=0,
        made_by=by,
        made_at=now,
    )
    db.session.add(code)
    db.session.flush()
    audit.record("payments.code_issued", subject=("discount_code", code.id), actor=by, reason=source)
    return IssuedCode(code, f"{letters[:5]}-{letters[5:]}")


def issue_call_back_code(person_id: int, *, by: int, now: datetime, points: int | None = None, off: Money | None = None) -> IssuedCode:
    """For somebody whom a matching guide has called back: one use, by this person alone, for a first session, within 30 days; we bear it, no therapist.

    `points` are hundredths of a percent; give these or an amount. Never tied to what was told in the call: the reason is that we called, and that is all that
    is kept. The caller checks that `by` works at that desk.
    """
    terms = Terms(points=points, off=off, holds_from=now, holds_until=now + CALL_BACK_HOLDS, person_id=person_id, first_only=True, most_uses=1)
    return issue_code(terms, source="call_back", by=by, now=now)


def stop_code(public_id: uuid.UUID, *, by: int, now: datetime, payee_id: int | None = None) -> DiscountCode:
    """Nobody can use it from now on; uses that stand stay. NotFound, also for another payee's when `payee_id` is given. Twice changes nothing."""
    wanted = select(DiscountCode).where(DiscountCode.public_id == public_id)
    if payee_id is not None:
        wanted = wanted.where(DiscountCode.payee_id == payee_id, DiscountCode.source == "therapist")
    code = db.session.scalars(wanted.with_for_update().execution_options(populate_existing=True)).one_or_none()
    if code is None:
        raise NotFound
    if code.stopped_at is None:
        code.stopped_at = now
        db.session.flush()
        audit.record("payments.code_stopped", subject=("discount_code", code.id), actor=by)
    return code


def digest_of(text: str) -> bytes:
    """Of a code as somebody types it: case, blanks, hyphens and full-width letters do not matter."""
    letters = "".join(letter for letter in unicodedata.normalize("NFKC", text).upper() if letter.isalnum())
    return hashlib.sha256(b"discount code:" + letters.encode()).digest()
