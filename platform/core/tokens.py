"""Unguessable secrets: 256 bits from the operating system, shown once, kept only as a digest. Pure."""

import hashlib
import secrets
from dataclasses import dataclass


@dataclass(frozen=True)
class Token:
    """`secret` goes to the person, `digest` (SHA-256) to the database. A secret of this length needs no slow hash."""

    secret: str
    digest: bytes


def new_token() -> Token:
    secret = secrets.token_urlsafe(32)
    return Token(secret, digest_of(secret))


def digest_of(secret: str) -> bytes:
    return hashlib.sha256(secret.encode()).digest()
