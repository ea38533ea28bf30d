"""Files at rest: sealed with the field keys, each bound to its row, under names that we make, in a folder that no web server knows.

A file of another row, a changed one, or one whose key is gone cannot be opened (`crypto.CannotOpen`). Nothing of a name that a stranger chose is ever
part of a path.
"""

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from core.configuration import setting
from core.crypto import key_ring

SUFFIX = ".sealed"


def put(public_id: uuid.UUID, content: bytes, *, table: str) -> None:
    """Keep the content of the row `public_id` of `table`. It is on the disk when this returns; a second content of one row is refused (FileExistsError)."""
    path = _path(public_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with _written(path, key_ring().seal(content, bound_to=_place(public_id, table))) as unfinished:
        os.link(unfinished, path)  # unlike a rename it never replaces


def get(public_id: uuid.UUID, *, table: str) -> bytes:
    """The content; FileNotFoundError when it is gone, CannotOpen when it is not this row's."""
    return key_ring().open(_path(public_id).read_bytes(), bound_to=_place(public_id, table))


def remove(public_id: uuid.UUID) -> None:
    """Gone; removing it twice is no error."""
    _path(public_id).unlink(missing_ok=True)


def reseal(table: str) -> int:
    """Seal anew with the first of FIELD_KEYS what an older key sealed; how many files. May be stopped and started again. CannotOpen when a key is missing."""
    name, done = key_ring().sealing.encode(), 0
    for path in sorted(_folder().glob(f"??/*{SUFFIX}")):
        sealed = path.read_bytes()
        if sealed.startswith(bytes([len(name)]) + name):
            continue
        place = _place(uuid.UUID(path.stem), table)
        with _written(path, key_ring().seal(key_ring().open(sealed, bound_to=place), bound_to=place)) as unfinished:
            unfinished.replace(path)
        done += 1
    return done


def kept_before(instant: datetime) -> Iterator[uuid.UUID]:
    """The rows whose content was put here before `instant`; what was left half-written by then is removed on the way."""
    for path in sorted(_folder().glob("??/*")):
        if datetime.fromtimestamp(path.stat().st_mtime, UTC) >= instant:
            continue
        if path.suffix == SUFFIX:
            yield uuid.UUID(path.stem)
        else:
            path.unlink(missing_ok=True)


@contextmanager
def _written(path: Path, content: bytes) -> Iterator[Path]:
    """A whole file beside `path`, on the disk, its owner's alone; gone after the block unless it was moved."""
    unfinished = path.with_suffix(f".{uuid.uuid4().hex}.part")
    try:
        with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield unfinished
    finally:
        unfinished.unlink(missing_ok=True)


def _folder() -> Path:
    return Path(setting("EVIDENCE_DIR"))


def _path(public_id: uuid.UUID) -> Path:
    return _folder() / public_id.hex[:2] / f"{public_id.hex}{SUFFIX}"


def _place(public_id: uuid.UUID, table: str) -> str:
    return f"{table}:content:{public_id}"
