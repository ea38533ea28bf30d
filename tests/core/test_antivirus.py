"""A scanner that is there is believed; one that is not there is said to be not there; one that fails never says "clean"."""

import socket
import struct
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from core import antivirus
from core.db import transaction

EICAR = b"a test of scanners"


class Clamd:
    """Speaks clamd's INSTREAM on a Unix socket."""

    def __init__(self, address: Path, answer: bytes | None) -> None:
        self.answer, self.received = answer, b""
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(address))
        self.listener.listen(1)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def _serve(self) -> None:
        caller, _ = self.listener.accept()
        with caller, caller.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            while size := struct.unpack(">L", stream.read(4))[0]:
                self.received += stream.read(size)
            if self.answer is not None:
                caller.sendall(self.answer)

    def close(self) -> None:
        self.thread.join(5)
        self.listener.close()


@pytest.fixture
def clamd(app: Flask, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[Clamd]:
    monkeypatch.setitem(app.config, "CLAMD_SOCKET", str(tmp_path / "clamd"))
    served = Clamd(tmp_path / "clamd", request.param)
    yield served
    served.close()


@pytest.mark.parametrize("clamd", [b"stream: OK\0"], indirect=True)
def test_a_clean_file_was_sent_whole(clamd: Clamd) -> None:
    content = bytes(range(256)) * 1000
    assert antivirus.scan(content) == "clean"
    assert clamd.received == content


@pytest.mark.parametrize("clamd", [b"stream: Win.Test.EICAR_HDB-1 FOUND\0"], indirect=True)
def test_a_recognised_file_is_refused(clamd: Clamd) -> None:
    with pytest.raises(antivirus.Infected):
        antivirus.scan(EICAR)


@pytest.mark.parametrize("clamd", [b"INSTREAM size limit exceeded. ERROR\0", b"", None], indirect=True)
def test_a_scanner_that_fails_never_says_clean(clamd: Clamd) -> None:
    with pytest.raises(antivirus.ScannerFailed):
        antivirus.scan(EICAR)


def test_a_socket_that_was_named_and_is_not_there_is_a_failure(app: Flask, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "CLAMD_SOCKET", str(tmp_path / "nothing"))
    with pytest.raises(antivirus.ScannerFailed):
        antivirus.scan(EICAR)


@pytest.fixture
def only_programs(app: Flask, database: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(antivirus, "USUAL_SOCKETS", ())
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(("status", "told"), [(0, "clean"), (1, antivirus.Infected), (2, antivirus.ScannerFailed)])
def test_a_program_stands_in_for_the_daemon(only_programs: Path, status: int, told: str | type[Exception]) -> None:
    program = only_programs / "clamscan"
    program.write_text(f"#!/bin/sh\n/bin/cat > /dev/null\nexit {status}\n")
    program.chmod(0o755)
    if isinstance(told, str):
        assert antivirus.scan(EICAR) == told
    else:
        with pytest.raises(told):
            antivirus.scan(EICAR)


def test_without_a_scanner_that_is_what_the_record_says(only_programs: Path) -> None:
    assert antivirus.scan(EICAR) == "not_scanned"


def test_nobody_waits_for_a_scanner_inside_a_transaction(only_programs: Path) -> None:
    with transaction(), pytest.raises(RuntimeError, match="outside"):
        antivirus.scan(EICAR)
