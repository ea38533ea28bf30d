"""Links in a reminder that need no sign-in: each for one purpose, one participant and one start. Pure.

What a link says is signed and kept nowhere. It ends by what it says: it is good until that start, and for no other time the appointment may have got.
"""

import base64
import binascii
import hashlib
import hmac
import uuid
from dataclasses import dataclass
from typing import Literal, TypeAlias

Purpose: TypeAlias = Literal["coming", "change"]
SIGNED, MAC = 24, 32  # bytes: an id and a start; SHA-256


@dataclass(frozen=True, slots=True)
class Pass:
    """Which participant (public id), and for which start in UTC seconds."""

    participant: uuid.UUID
    start: int


def link_secret(purpose: Purpose, given: Pass, *, key: str) -> str:
    """What stands behind the # of the link."""
    said = given.participant.bytes + given.start.to_bytes(8, "big")
    return base64.urlsafe_b64encode(said + _mac(purpose, said, key)).decode().rstrip("=")


def pass_of(purpose: Purpose, secret: str, *, key: str) -> Pass | None:
    """None for anything that was not signed with this key for this purpose."""
    try:
        raw = base64.b64decode(secret + "=" * (-len(secret) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return None
    said, mac = raw[:SIGNED], raw[SIGNED:]
    if len(raw) != SIGNED + MAC or not hmac.compare_digest(mac, _mac(purpose, said, key)):
        return None
    return Pass(uuid.UUID(bytes=said[:16]), int.from_bytes(said[16:], "big"))


def _mac(purpose: str, said: bytes, key: str) -> bytes:
    return hmac.new(key.encode(), f"appointment-{purpose}\0".encode() + said, hashlib.sha256).digest()
