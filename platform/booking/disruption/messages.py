"""What a client is told when their appointment cannot take place as it stands, and what happens while they let us know nothing."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from accounts.people import recipient_of
from booking.disruption.links import link_of
from booking.disruption.models import DisruptedBooking, DisruptionMessage
from booking.disruption.other_times import other_times
from booking.letters import booking_with_people
from booking.lifecycle import State
from booking.models import Booking, BookingEvent
from core import audit
from core.clock import now as now_of_transaction
from core.db import db
from core.jobs import job
from desk.cases import dismiss_cases_about, open_case
from notices.letter import local_time
from notices.outbox import send

REACH_BY_PERSON = timedelta(hours=3)


def desk_due_at(line: DisruptedBooking) -> datetime:
    """From here on a person tries to reach whoever does not know yet."""
    return line.starts_at - REACH_BY_PERSON


@job("booking.tell_of_disruption")
def tell_of_disruption(message_id: int) -> None:
    """The letter that offers other times."""
    message, now = message_under_lock(message_id), now_of_transaction()
    booking = booking_with_people(message.line.booking_id)
    recipient = recipient_of(message.person_id)
    if recipient is None:
        return
    facts = {
        "therapist": booking.therapist.display_name,
        "start": message.line.starts_at,
        "times": [local_time(start, recipient.zone) for start in other_times(booking, client_id=message.person_id, now=now)],
        **link_of(message),
    }
    once = f"disruption:{message.public_id}"
    send(recipient, kind="booking_new_times", template="booking/new_times_client", facts=facts, once=once, now=now, person_id=message.person_id)


@job("booking.bring_to_desk")
def bring_to_desk(message_id: int) -> None:
    """Nobody knows whether this client knows: a person reaches them, before the start."""
    message, now = message_under_lock(message_id), now_of_transaction()
    if message.acknowledged_at is None and (own := _own_step(message)) is not None:
        acknowledge(message, heard_by="cancelled" if own == State.CANCELLED else "moved", now=now)
    has_address = recipient_of(message.person_id) is not None
    settled = message.acknowledged_at is not None or message.desk_at is not None or message.line.closed_at is not None
    if settled or (has_address and now < desk_due_at(message.line)):
        return
    message.desk_at = now
    due_in = max(timedelta(), message.line.starts_at - now)
    booking_id = db.session.execute(select(Booking.public_id).where(Booking.id == message.line.booking_id)).scalar_one()
    facts = {"what": "Their appointment does not take place at its time, and they have not let us know that they know.", "booking": str(booking_id)}
    open_case("support", subject=subject_of(message), person_id=message.person_id, priority="high", due_in=due_in, facts=facts, now=now)


def acknowledge(message: DisruptionMessage, *, heard_by: str, now: datetime) -> None:
    """They know. Saying it again changes nothing. The caller has the message under its lock."""
    if message.acknowledged_at is None:
        message.acknowledged_at, message.heard_by = now, heard_by
        dismiss_cases_about("support", subject_of(message), outcome="not_needed", by=None, now=now)
        audit.record("booking.disruption_acknowledged", subject=("disruption_message", message.public_id), actor=message.person_id, heard_by=heard_by)
        db.session.flush()


def subject_of(message: DisruptionMessage) -> tuple[str, str]:
    """What the desk's case is about."""
    return "disruption_message", str(message.public_id)


def message_under_lock(message_id: int) -> DisruptionMessage:
    """The message with its line, both locked, the line first: everywhere in this order, and after the locks of persons."""
    line_id = db.session.execute(select(DisruptionMessage.line_id).where(DisruptionMessage.id == message_id)).scalar_one()
    db.session.get_one(DisruptedBooking, line_id, populate_existing=True, with_for_update=True)
    wanted = select(DisruptionMessage).where(DisruptionMessage.id == message_id).options(joinedload(DisruptionMessage.line))
    return db.session.scalars(wanted.with_for_update(of=DisruptionMessage).execution_options(populate_existing=True)).one()


def _own_step(message: DisruptionMessage) -> str | None:
    """The state after what they did to the booking themselves, wherever they did it: who moved or cancelled it knows."""
    own = select(BookingEvent.to_state).where(
        BookingEvent.booking_id == message.line.booking_id, BookingEvent.actor_person_id == message.person_id, BookingEvent.at > message.written_at
    )
    return db.session.execute(own.order_by(BookingEvent.id.desc()).limit(1)).scalar_one_or_none()
