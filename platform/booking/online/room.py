"""The address of a session by video: the therapist's own link, or a room of the platform whose name cannot be guessed."""

import base64
import hashlib
import hmac
from datetime import datetime
from uuid import UUID

from booking.models import Booking
from core.configuration import setting
from therapists.session_link import link_from

# bytes
NAME_SIZE = 20


def link_of(booking: Booking) -> str | None:
    """Its service is loaded. None where the therapist sends a link themselves, and for every other way of meeting."""
    match link_from(booking.service) if booking.mode == "video" else None:
        case "therapist":
            return booking.service.session_link
        case "platform":
            name = room_name(booking.public_id, booking.starts_at, secret=setting("SECRET_KEY"))
            return f"{setting('ROOM_BASE_URL')}/{name}"
        case _:
            return None


def room_name(public_id: UUID, start: datetime, *, secret: str) -> str:
    """160 bits that follow from the booking, its start and the installation's secret key: nothing is stored, and a moved session has another room."""
    about = f"room|{public_id}|{int(start.timestamp())}"
    return base64.b32encode(hmac.digest(secret.encode(), about.encode(), hashlib.sha256)[:NAME_SIZE]).decode().lower()
