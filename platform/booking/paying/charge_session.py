"""The dates of a series, and what others booked for a client (`asked`), are charged one by one by the clock of `charge_clock`; what cannot be charged is told,
and its therapist chooses.

The sweep of `charge_jobs` finds what is due and says it to the processor outside of any transaction, and what became of it arrives as news of the payment
(`heard`): so a lost answer, a restart and a second sweep lead to the same end, and nobody is charged twice.
"""

from datetime import datetime

from sqlalchemy import select

from booking.advance import lock_booking
from booking.lifecycle import State
from booking.models import Booking
from booking.paying.charge_clock import Step, next_step
from booking.paying.charge_letters import tell_failed, tell_paused, tell_unpaid
from booking.paying.checkout import ask_client
from booking.paying.due import NO_CARD, is_at_bank, is_by_clock, is_paid, payer_of
from booking.paying.models import UNPAID_STATES, SessionCharge
from booking.series.models import Series
from core import audit
from core.db import db
from payments.attention import need_person
from payments.cards.charge import BeingPaid, NoCard, begin_charge
from payments.collection.choose import PayeeNotReady


def take_step(booking_id: int, *, now: datetime) -> int | None:
    """The attempt that is to be sent to the processor now, if any."""
    booking = lock_booking(booking_id)
    if booking.stands is not State.CONFIRMED or not is_by_clock(booking) or booking.starts_at <= now:
        return None
    charging = _charge_of(booking, now=now)
    if charging.state not in {"waiting", "trying"}:
        return None
    if is_paid(booking):
        note_paid(booking, now=now)
        return None
    if is_at_bank(booking):
        return None  # what becomes of it is told
    step = next_step(booking.starts_at, charging.tried_at, now=now)
    is_paused = booking.series_id is not None and db.session.get_one(Series, booking.series_id).paused_at is not None
    if step is Step.TRY and not is_paused:
        return _try(booking, charging, now=now)
    if step is Step.UNPAID or (is_paused and next_step(booking.starts_at, now, now=now) is Step.UNPAID):
        _mark_unpaid(booking, charging, now=now)
    return None


def note_paid(booking: Booking, *, now: datetime) -> None:
    """It is paid, however that came about: nothing more is asked for it, and its series goes on. The caller holds the locks of its people."""
    if not is_by_clock(booking):
        return
    charging = _charge_of(booking, now=now)
    if charging.state != "paid":
        charging.state, charging.problem, charging.changed_at = "paid", None, now
        charging.decided_by = None
    series = db.session.get_one(Series, booking.series_id, populate_existing=True) if booking.series_id is not None else None
    if series is not None and series.paused_at is not None:
        series.paused_at = None
        audit.record("series.resumed", subject=("series", series.public_id))
    db.session.flush()


def note_failed(booking: Booking, problem: str | None, *, now: datetime) -> None:
    """A try came to nothing: its client is told once, with a link. Hearing it again changes nothing."""
    charging = _charge_of(booking, now=now)
    if charging.state != "trying":
        return
    charging.state, charging.problem, charging.changed_at = "waiting", problem or "declined", now
    db.session.flush()
    audit.record("booking.charge_failed", subject=("booking", booking.id), reason=charging.problem, tries=charging.tries)
    tell_failed(booking, charging, now=now)


def _try(booking: Booking, charging: SessionCharge, *, now: datetime) -> int | None:
    payer_id = payer_of(booking)
    try:
        attempt = begin_charge(ask_client(booking, payer_id, now=now), now=now)
    except BeingPaid:
        return None  # its client is at a checkout; the next sweep looks again
    except NoCard:
        charging.state, charging.tries, charging.tried_at = "trying", charging.tries + 1, now
        note_failed(booking, NO_CARD, now=now)
        return None
    except PayeeNotReady:
        need_person("payee_not_ready", ("booking", booking.public_id), person_id=booking.therapist_id, now=now)
        return None
    if charging.state != "trying":
        charging.state, charging.tries, charging.tried_at, charging.changed_at = "trying", charging.tries + 1, now, now
        db.session.flush()
    return attempt.id


def _mark_unpaid(booking: Booking, charging: SessionCharge, *, now: datetime) -> None:
    charging.state, charging.changed_at = "unpaid", now
    db.session.flush()
    audit.record("booking.unpaid", subject=("booking", booking.id), reason=charging.problem)
    tell_unpaid(booking, now=now)
    if _was_unpaid_before(booking):
        _pause(booking, now=now)


def _was_unpaid_before(booking: Booking) -> bool:
    """Whether the date before it in its series was not paid by its clock either."""
    if booking.series_id is None:
        return False
    earlier = select(SessionCharge.state).join(Booking, Booking.id == SessionCharge.booking_id)
    mine = earlier.where(Booking.series_id == booking.series_id, Booking.starts_at < booking.starts_at)
    return db.session.scalars(mine.order_by(Booking.starts_at.desc()).limit(1)).first() in UNPAID_STATES


def _pause(booking: Booking, *, now: datetime) -> None:
    series = db.session.get_one(Series, booking.series_id, populate_existing=True)
    if series.paused_at is not None:
        return
    series.paused_at = now
    db.session.flush()
    audit.record("series.paused", subject=("series", series.public_id), reason="unpaid")
    need_person("series_paused", ("series", series.public_id), person_id=payer_of(booking), now=now, booking=str(booking.public_id))
    tell_paused(booking, now=now)


def _charge_of(booking: Booking, *, now: datetime) -> SessionCharge:
    """Its row, written with the first question."""
    charging = db.session.get(SessionCharge, booking.id, populate_existing=True)
    if charging is None:
        charging = SessionCharge(booking_id=booking.id, state="waiting", tries=0, changed_at=now)
        db.session.add(charging)
        db.session.flush()
    return charging
