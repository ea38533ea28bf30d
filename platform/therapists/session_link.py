"""Where people meet for a service by video: a link of the therapist's own, else a room of the platform, else the therapist sends a link themselves.

The link is a door: whoever has it can come in. It is sealed, stands in no mail and no calendar, and booking shows it to participants shortly before a session.
"""

from datetime import datetime
from typing import Literal, TypeAlias
from urllib.parse import urlsplit
from uuid import UUID

from core.configuration import setting
from core.db import db
from core.errors import Invalid
from therapists.models import Service, Therapist
from therapists.profile import touch
from therapists.services import service_of

LONGEST = 500
LinkFrom: TypeAlias = Literal["therapist", "platform", "nobody"]
LINK_FROM: tuple[LinkFrom, ...] = ("therapist", "platform", "nobody")
NOTICE = "There is no link for this service yet. Give one, or send your clients one yourself before each session: they are told that you will."


class SessionLinkRefused(Invalid):
    code = "session_link_refused"
    detail = "Give a link that begins with https://, without a name, a password or spaces in it."


def set_session_link(therapist: Therapist, service_id: UUID, address: str | None, *, now: datetime) -> Service:
    """Give a video service a link of one's own, or take it away (None). NotFound; SessionLinkRefused for what is no https link, and for other services."""
    service = service_of(therapist.person_id, service_id)
    if address is not None and service.mode != "video":
        raise SessionLinkRefused("Only a service by video has a link.")
    service.session_link = None if address is None else require_session_link(address)
    touch(therapist, now=now)
    db.session.flush()
    return service


def require_session_link(address: str) -> str:
    """The address as it was given, or SessionLinkRefused."""
    try:
        parts = urlsplit(address)
        is_plain = parts.username is None and parts.password is None and "\\" not in address and address.isascii() and parts.port in (None, 443)
    except ValueError as error:
        raise _refused() from error
    has_host = "." in (parts.hostname or "").strip(".")
    if parts.scheme != "https" or not is_plain or not has_host or len(address) > LONGEST or any(letter <= " " or letter == "\x7f" for letter in address):
        raise _refused()
    return address


def link_from(service: Service) -> LinkFrom | None:
    """Who gives the link of this service; None for one that needs none."""
    if service.mode != "video":
        return None
    if service.session_link_sealed is not None:
        return "therapist"
    return "platform" if setting("ROOM_BASE_URL") else "nobody"


def _refused() -> SessionLinkRefused:
    return SessionLinkRefused(errors={"address": [SessionLinkRefused.detail]})
