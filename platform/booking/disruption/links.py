"""The link in a client's letter: its secret goes into the mail and nowhere else, the message keeps its digest."""

from sqlalchemy import select

from booking.disruption.models import DisruptedBooking, DisruptionMessage
from core.db import db
from core.tokens import digest_of, new_token

PAGE = "appointment-changed"
# The code that a booking's end carries when its therapist could not be there.
AWAY = "therapist_away"


def link_of(message: DisruptionMessage) -> dict[str, str]:
    """What a letter's template needs to write a new link; an older one of the same message stops working."""
    token = new_token()
    message.token_digest = token.digest
    return {"page": PAGE, "token": token.secret}


def link_for(booking_id: int, person_id: int) -> dict[str, str | None]:
    """The same by booking and reader, for the newest message; without a token where there is none, or they have let us know already."""
    theirs = select(DisruptionMessage).join(DisruptionMessage.line).where(DisruptedBooking.booking_id == booking_id, DisruptionMessage.person_id == person_id)
    message = db.session.scalars(theirs.order_by(DisruptionMessage.id.desc()).limit(1)).one_or_none()
    return {"page": PAGE, "token": None} if message is None or message.acknowledged_at is not None else {**link_of(message)}


def message_behind(secret: str) -> int | None:
    """The id of the message whose link this is."""
    return db.session.scalar(select(DisruptionMessage.id).where(DisruptionMessage.token_digest == digest_of(secret)))
