"""Health data and the like at rest: AES-256-GCM, each value bound to its table, column and row.

A sealed value is ``key id length (1 byte) | key id | nonce (12 bytes) | ciphertext and tag``. The associated data is
``table:column:public_id``, so a value copied into another row or column cannot be opened. Keys are named: the first of FIELD_KEYS seals, all open,
which makes rotation a matter of putting a new key in front.

A model states ``notes_sealed: Mapped[bytes | None]`` and ``notes = sealed_text("notes_sealed")`` and reads and writes `notes`.
"""

import base64
import binascii
import json
import os
import uuid
from typing import Any, Generic, TypeVar, overload

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

Value = TypeVar("Value")
NONCE = 12


class CannotOpen(Exception):
    """A sealed value does not belong here, was changed, or its key is not in FIELD_KEYS."""


class KeyRing:
    """Named 256-bit keys. Parsed from ``k2:BASE64,k1:BASE64``; the first one seals."""

    def __init__(self, keys: dict[str, bytes]) -> None:
        if not keys:
            raise ValueError("at least one key is needed")
        for name, key in keys.items():
            if not name.isalnum() or len(name) > 32 or len(key) != 32:
                raise ValueError(f"field key {name[:32]!r} needs an alphanumeric name and 32 bytes")
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self.sealing = next(iter(keys))

    @classmethod
    def parse(cls, setting: str) -> "KeyRing":
        keys: dict[str, bytes] = {}
        for part in filter(None, (piece.strip() for piece in setting.split(","))):
            name, _, encoded = part.partition(":")
            try:
                keys[name] = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise ValueError(f"field key {name[:32]!r} is not base64") from error
        return cls(keys)

    def seal(self, plain: bytes, *, bound_to: str) -> bytes:
        nonce, name = os.urandom(NONCE), self.sealing.encode()
        return bytes([len(name)]) + name + nonce + self._ciphers[self.sealing].encrypt(nonce, plain, bound_to.encode())

    def open(self, sealed: bytes, *, bound_to: str) -> bytes:
        size = sealed[0]
        name, nonce, body = sealed[1 : 1 + size].decode(), sealed[1 + size : 1 + size + NONCE], sealed[1 + size + NONCE :]
        if name not in self._ciphers:
            raise CannotOpen(f"no field key named {name!r}")
        try:
            return self._ciphers[name].decrypt(nonce, body, bound_to.encode())
        except InvalidTag as error:
            raise CannotOpen(f"the value in {bound_to.split(':', 2)[:2]} is not this row's") from error


_ring: KeyRing | None = None


def use_keys(ring: KeyRing) -> None:
    """Called once at start-up."""
    global _ring  # noqa: PLW0603 one process has one key ring
    _ring = ring


def key_ring() -> KeyRing:
    if _ring is None:
        raise RuntimeError("no field keys: set FIELD_KEYS")
    return _ring


class Sealed(Generic[Value]):
    """Descriptor over a bytes column of a model with a `public_id`; None stays NULL."""

    def __init__(self, column: str) -> None:
        self.column = column

    @overload
    def __get__(self, row: None, owner: type) -> "Sealed[Value]": ...
    @overload
    def __get__(self, row: object, owner: type) -> Value | None: ...
    def __get__(self, row: Any, owner: type) -> "Sealed[Value] | Value | None":
        if row is None:
            return self
        sealed = getattr(row, self.column)
        return None if sealed is None else self.decode(key_ring().open(sealed, bound_to=self._place(row)))

    def __set__(self, row: Any, value: Value | None) -> None:
        sealed = None if value is None else key_ring().seal(self.encode(value), bound_to=self._place(row))
        setattr(row, self.column, sealed)

    def _place(self, row: Any) -> str:
        if row.public_id is None:
            row.public_id = uuid.uuid4()
        return f"{row.__tablename__}:{self.column}:{row.public_id}"

    def encode(self, value: Value) -> bytes:
        raise NotImplementedError

    def decode(self, plain: bytes) -> Value:
        raise NotImplementedError


class SealedText(Sealed[str]):
    def encode(self, value: str) -> bytes:
        return value.encode()

    def decode(self, plain: bytes) -> str:
        return plain.decode()


class SealedJson(Sealed[Any]):
    def encode(self, value: Any) -> bytes:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()

    def decode(self, plain: bytes) -> Any:
        return json.loads(plain)


def sealed_text(column: str) -> SealedText:
    return SealedText(column)


def sealed_json(column: str) -> SealedJson:
    return SealedJson(column)
