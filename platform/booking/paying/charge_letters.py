"""What is told about charging the dates of a series, and fees: what could not be charged, until when it has to be paid, and by which link.

Subjects name no amount and nobody. The link leads to our own page, where its reader signs in.
"""

from datetime import datetime
from typing import Any

from accounts.people import recipient_of
from booking.letters import booking_with_people, client_names
from booking.meeting import AFTER_PAGE, SERIES_PAGE
from booking.models import Booking
from booking.paying.charge_clock import again_at, charged_at, unpaid_at
from booking.paying.due import payer_of
from booking.paying.models import SessionCharge
from booking.series.models import Series
from core.db import db
from core.money import Money
from notices.outbox import send

PRICE_PAGE = "appointment/price"
AUTHENTICATION = frozenset({"authentication_required", "authentication_not_handled"})


def tell_failed(booking: Booking, charging: SessionCharge, *, now: datetime) -> None:
    """To its client: why, by when, and where it can be paid."""
    again = again_at(booking.starts_at)
    facts = {
        "why": "authentication" if charging.problem in AUTHENTICATION else "no_card" if charging.problem == "no_card" else "declined",
        "again": again if now < again else None,
        "until": unpaid_at(booking.starts_at),
    }
    _to_client(booking, "charge_failed", f"{charging.tries}", facts, now=now)


def tell_asked(booking: Booking, *, has_card: bool, now: datetime) -> None:
    """To its client, for whom somebody else booked it: what it costs, by when it is paid, and where."""
    until = unpaid_at(booking.starts_at)
    facts = {"has_card": has_card, "at": charged_at(booking.starts_at, now=now), "until": until if until > now else None}
    _to_client(booking, "pay_asked", "1", facts, now=now)


def tell_unpaid(booking: Booking, *, now: datetime) -> None:
    """To both: its therapist chooses now."""
    _to_client(booking, "unpaid_client", "1", {}, now=now)
    _to_therapist(booking, "unpaid_therapist", {}, now=now)


def tell_kept(booking: Booking, *, now: datetime) -> None:
    """To its client: it takes place, and is still to be paid."""
    _to_client(booking, "unpaid_kept", "1", {}, now=now)


def tell_paused(booking: Booking, *, now: datetime) -> None:
    """To both: nothing more of the series is charged until this is paid or somebody has looked at it."""
    _to_client(booking, "series_paused_client", "1", {}, now=now)
    series = db.session.get_one(Series, booking.series_id)
    _to_therapist(booking, "series_paused_therapist", {"series_page": f"{SERIES_PAGE}/{series.public_id}"}, now=now)


def tell_fee_planned(booking: Booking, fee: Money, at: datetime, *, now: datetime) -> None:
    """To its client: what cancelling late or not coming costs is charged to the kept card, and when."""
    _to_client(booking, "fee_planned", "1", {"amount": str(fee), "at": at}, now=now)


def tell_fee_failed(booking: Booking, fee: Money, *, now: datetime) -> None:
    """To its client: the fee could not be charged, and the link."""
    _to_client(booking, "fee_failed", "1", {"amount": str(fee)}, now=now)


def _to_client(booking: Booking, kind: str, once: str, facts: dict[str, Any], *, now: datetime) -> None:
    whole = booking_with_people(booking.id)
    _send(whole, payer_of(whole), kind, once, {"therapist": whole.therapist.display_name, **facts}, now=now)


def _to_therapist(booking: Booking, kind: str, facts: dict[str, Any], *, now: datetime) -> None:
    whole = booking_with_people(booking.id)
    _send(whole, whole.therapist_id, kind, "1", {"client": client_names(whole), **facts}, now=now)


def _send(booking: Booking, person_id: int, kind: str, once: str, facts: dict[str, Any], *, now: datetime) -> None:
    recipient = recipient_of(person_id)
    if recipient is None:
        return
    pages = {"page": f"{PRICE_PAGE}/{booking.public_id}", "after_page": f"{AFTER_PAGE}/{booking.public_id}"}
    shared = {"start": booking.starts_at, "price": str(booking.by_card), **pages}
    key = f"{kind}:{booking.id}:{once}:{person_id}"
    send(recipient, kind=f"booking_{kind}", template=f"booking/{kind}", facts=shared | facts, once=key, now=now, person_id=person_id)
