"""Files at rest: sealed, bound to their row, and under no name that a stranger chose."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from core import crypto, vault
from core.crypto import CannotOpen, KeyRing

CONTENT = b"the quick brown canary"


@pytest.fixture
def folder(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, database: None) -> Path:
    monkeypatch.setitem(app.config, "EVIDENCE_DIR", str(tmp_path / "evidence"))
    return tmp_path / "evidence"


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_what_lies_on_the_disk_says_nothing_and_is_its_owners_alone(folder: Path) -> None:
    vault.put(row := uuid.uuid4(), CONTENT, table="evidence_files")
    (path,) = files_in(folder)
    assert b"canary" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0
    assert path.parent.stat().st_mode & 0o077 == 0
    assert vault.get(row, table="evidence_files") == CONTENT


def test_a_file_of_another_row_or_a_changed_one_cannot_be_opened(folder: Path) -> None:
    one, other = uuid.uuid4(), uuid.uuid4()
    vault.put(one, CONTENT, table="evidence_files")
    vault.put(other, b"other", table="evidence_files")
    paths = {path.stem: path for path in files_in(folder)}
    paths[one.hex].write_bytes(paths[other.hex].read_bytes())
    with pytest.raises(CannotOpen):
        vault.get(one, table="evidence_files")
    with pytest.raises(CannotOpen):
        vault.get(other, table="photos")


def test_nothing_is_ever_replaced(folder: Path) -> None:
    vault.put(row := uuid.uuid4(), CONTENT, table="evidence_files")
    with pytest.raises(FileExistsError):
        vault.put(row, b"else", table="evidence_files")
    assert vault.get(row, table="evidence_files") == CONTENT
    assert len(files_in(folder)) == 1, "nothing half-written stays"


def test_old_files_are_found_and_half_written_ones_go(folder: Path) -> None:
    vault.put(row := uuid.uuid4(), CONTENT, table="evidence_files")
    (folder / row.hex[:2] / f"{row.hex}.abc.part").write_bytes(b"half")
    later = datetime.now(UTC) + timedelta(minutes=1)
    assert list(vault.kept_before(later - timedelta(days=1))) == []
    assert list(vault.kept_before(later)) == [row]
    assert len(files_in(folder)) == 1
    vault.remove(row)
    vault.remove(row)
    assert files_in(folder) == []


def test_R76_files_follow_a_change_of_keys_and_then_the_old_key_can_go(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = bytes(range(1, 33)), bytes(range(2, 34))
    monkeypatch.setattr(crypto, "_ring", KeyRing({"k1": old}))
    rows = [uuid.uuid4(), uuid.uuid4()]
    for row in rows:
        vault.put(row, CONTENT, table="evidence_files")
    monkeypatch.setattr(crypto, "_ring", KeyRing({"k2": new, "k1": old}))
    assert (vault.reseal("evidence_files"), vault.reseal("evidence_files")) == (2, 0)
    monkeypatch.setattr(crypto, "_ring", KeyRing({"k2": new}))
    assert [vault.get(row, table="evidence_files") for row in rows] == [CONTENT, CONTENT]
    assert len(files_in(folder)) == 2
    assert all(path.stat().st_mode & 0o077 == 0 for path in files_in(folder))
