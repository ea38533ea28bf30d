"""Sessions taken from a pack: reserved when booked, consumed when they took place or were lost late, released when they came to nothing.

Each act locks the pack's row, so that its last session has one winner; each may be repeated and then changes nothing.
"""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from core import audit
from core.db import db
from core.errors import Conflict
from core.money import share
from payments.ledger.books import book_spent, book_unspent
from payments.models import Payment
from payments.packs.counting import worth
from payments.packs.models import Pack, PackSession
from payments.payouts.earn import earn_part, take_back_part
from payments.refunds.request import give_back


class PackEmpty(Conflict):
    code, detail = "pack_empty", "No session of this pack is left to book."


def usable_pack(what: uuid.UUID, *, payer_id: int) -> Pack | None:
    """The pack of this person for this that was paid first and has a session left."""
    mine = select(Pack).where(Pack.what == what, Pack.payer_id == payer_id, Pack.state == "paid", Pack.reserved + Pack.consumed < Pack.sessions)
    return db.session.scalars(mine.order_by(Pack.paid_at, Pack.id).limit(1)).first()


def reserve_session(pack_id: int, reference: uuid.UUID, *, now: datetime) -> PackSession:
    """Keep one session of this pack for the reference. PackEmpty."""
    pack = _locked(pack_id)
    known = _taken(pack, reference)
    if known is not None:
        return known
    if pack.count.left == 0:
        raise PackEmpty
    pack.reserved += 1
    taken = PackSession(pack_id=pack.id, reference=reference, state="reserved", at=now)
    db.session.add(taken)
    db.session.flush()
    audit.record("payments.pack_reserved", subject=("pack", pack.id))
    return taken


def pays_by_pack(references: Collection[uuid.UUID]) -> frozenset[uuid.UUID]:
    """Those of these references that a session of a pack is kept for, or was spent on."""
    kept = select(PackSession.reference).where(PackSession.reference.in_(references), PackSession.state != "released")
    return frozenset(db.session.scalars(kept)) if references else frozenset()


def consume_session(reference: uuid.UUID, *, took_place_at: datetime, now: datetime) -> PackSession | None:
    """It took place, or was cancelled late or missed: its worth is the payee's, but for our part, and is paid out by the usual rule. None where no pack pays
    for it.
    """
    pack, taken = _of(reference)
    if pack is None or taken is None or taken.state != "reserved":
        return taken
    pack.reserved -= 1
    pack.consumed += 1
    taken.state, taken.number, taken.over_at = "consumed", pack.consumed, now
    db.session.flush()
    amount = worth(pack.price_amount, pack.sessions, taken.number)
    paid = _paid(pack)
    fee = share(amount, pack.fee_points)
    book_spent(paid, f"pack_session:{taken.id}", amount, fee, pack.payee_id, now=now)
    earn_part(paid, reference, amount - fee, took_place_at=took_place_at, now=now)
    audit.record("payments.pack_consumed", subject=("pack", pack.id), number=taken.number, amount=amount)
    return taken


def release_session(reference: uuid.UUID, *, now: datetime) -> PackSession | None:
    """It came to nothing free of charge: the session can be booked anew, or goes back to the card where its pack was closed meanwhile. None where no pack
    pays for it.
    """
    return next(iter(release_sessions([reference], now=now)), None)


def release_sessions(references: Collection[uuid.UUID], *, now: datetime) -> Sequence[PackSession]:
    """The same for several, in as many statements as for one, and what each refund of a closed pack costs."""
    standing = select(PackSession).where(PackSession.reference.in_(references), PackSession.state != "released").execution_options(populate_existing=True)
    pack_ids = {taken.pack_id for taken in db.session.scalars(standing)} if references else set()
    if not pack_ids:
        return ()
    packs = {pack.id: pack for pack in _all_locked(pack_ids)}
    all_taken = db.session.scalars(standing.where(PackSession.pack_id.in_(packs)).order_by(PackSession.id)).all()
    for taken in [each for each in all_taken if each.state == "reserved"]:
        pack = packs[taken.pack_id]
        pack.reserved -= 1
        taken.state, taken.over_at = "released", now
        audit.record("payments.pack_released", subject=("pack", pack.id))
        if pack.state == "closed":
            db.session.flush()
            give_back(_paid(pack), worth(pack.price_amount, pack.sessions, pack.consumed + pack.reserved + 1), reason="pack_closed", by=None, now=now)
    db.session.flush()
    return all_taken


def give_session_back(reference: uuid.UUID, *, now: datetime) -> PackSession | None:
    """Its payee waives a session that was consumed: it can be booked anew, or its worth goes back to the card where the pack was closed meanwhile. None where
    no pack pays for it; twice changes nothing.

    What is taken back is the worth of the last number, which is then free: the one that had it takes the number of this one.
    """
    pack, taken = _of(reference)
    if pack is None or taken is None or taken.state != "consumed":
        return taken
    number, last = taken.number, pack.consumed
    taken.state, taken.number, taken.over_at = "released", None, now
    db.session.flush()
    other = select(PackSession).where(PackSession.pack_id == pack.id, PackSession.number == last)
    for renumbered in db.session.scalars(other):
        renumbered.number = number
    pack.consumed -= 1
    db.session.flush()
    amount, paid = worth(pack.price_amount, pack.sessions, last), _paid(pack)
    fee = share(amount, pack.fee_points)
    book_unspent(paid, f"pack_session:{taken.id}", amount, fee, pack.payee_id, now=now)
    take_back_part(paid, reference, amount - fee, now=now)
    audit.record("payments.pack_given_back", subject=("pack", pack.id), number=number, amount=amount)
    if pack.state == "closed":
        give_back(paid, worth(pack.price_amount, pack.sessions, pack.consumed + pack.reserved + 1), reason="waived", by=None, now=now)
    return taken


def _paid(pack: Pack) -> Payment:
    """What was paid for it, locked."""
    paid = select(Payment).where(Payment.reference == pack.public_id, Payment.purpose == "pack", Payment.captured_amount > 0)
    return db.session.execute(paid.with_for_update().execution_options(populate_existing=True)).scalar_one()


def _of(reference: uuid.UUID) -> tuple[Pack | None, PackSession | None]:
    found = select(PackSession.pack_id).where(PackSession.reference == reference, PackSession.state != "released")
    pack_id = db.session.execute(found).scalar_one_or_none()
    if pack_id is None:
        return None, None
    pack = _locked(pack_id)
    return pack, _taken(pack, reference)


def _taken(pack: Pack, reference: uuid.UUID) -> PackSession | None:
    wanted = select(PackSession).where(PackSession.pack_id == pack.id, PackSession.reference == reference, PackSession.state != "released")
    return db.session.scalars(wanted.execution_options(populate_existing=True)).one_or_none()


def _locked(pack_id: int) -> Pack:
    return _all_locked([pack_id])[0]


def _all_locked(pack_ids: Collection[int]) -> Sequence[Pack]:
    locked = select(Pack).where(Pack.id.in_(pack_ids)).order_by(Pack.id).with_for_update()
    return db.session.execute(locked.execution_options(populate_existing=True)).scalars().all()
