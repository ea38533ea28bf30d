"""ClamAV, where there is one: its daemon's socket, else its program, else an honest "not scanned". Never "clean" when it could not say so.

The daemon is spoken to as clamd(8) says: ``zINSTREAM``, chunks with a four-byte length, an empty chunk. Outside of any transaction.
"""

import shutil
import socket
import struct
import subprocess
from pathlib import Path

from core.configuration import setting
from core.db import require_no_transaction
from core.errors import Invalid, Unavailable

USUAL_SOCKETS = ("/run/clamav/clamd.ctl", "/var/run/clamav/clamd.ctl", "/run/clamd.scan/clamd.sock", "/tmp/clamd.socket")  # noqa: S108 where distributions put it
PROGRAMS = ("clamdscan", "clamscan")
CLEAN, NOT_SCANNED = "clean", "not_scanned"
CHUNK = 64 * 1024
SECONDS = 60
LONGEST_ANSWER = 4096


class Infected(Invalid):
    code, detail = "infected", "The virus scanner recognised something in this file."


class ScannerFailed(Unavailable):
    code, detail = "scanner_failed", "Files cannot be scanned for the moment. Please try again later."


def scan(content: bytes) -> str:
    """``clean`` or ``not_scanned`` (there is no scanner here). Refusals: Infected; ScannerFailed when there is one and it does not answer."""
    require_no_transaction()
    if (address := _socket()) is not None:
        return _judged(_ask_daemon(content, address))
    for name in PROGRAMS:
        if program := shutil.which(name):
            return _ask_program(content, program)
    return NOT_SCANNED


def _socket() -> str | None:
    configured = setting("CLAMD_SOCKET")
    if configured:
        return configured
    return next((each for each in USUAL_SOCKETS if Path(each).is_socket()), None)


def _ask_daemon(content: bytes, address: str) -> str:
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as daemon:
            daemon.settimeout(SECONDS)
            daemon.connect(address)
            daemon.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), CHUNK):
                chunk = content[start : start + CHUNK]
                daemon.sendall(struct.pack(">L", len(chunk)) + chunk)
            daemon.sendall(struct.pack(">L", 0))
            answer = b""
            while b"\0" not in answer and len(answer) < LONGEST_ANSWER and (more := daemon.recv(LONGEST_ANSWER)):
                answer += more
            return answer.rstrip(b"\0\n").decode(errors="replace")
    except OSError as error:
        raise ScannerFailed from error


def _judged(answer: str) -> str:
    if answer.endswith(" FOUND"):
        raise Infected
    if answer != "stream: OK":
        raise ScannerFailed
    return CLEAN


def _ask_program(content: bytes, program: str) -> str:
    """Status 0 clean, 1 infected, 2 an error, clamscan(1)."""
    try:
        done = subprocess.run([program, "--no-summary", "-"], input=content, capture_output=True, timeout=SECONDS, check=False)  # noqa: S603 a fixed program, no shell
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ScannerFailed from error
    if done.returncode == 1:
        raise Infected
    if done.returncode != 0:
        raise ScannerFailed
    return CLEAN
