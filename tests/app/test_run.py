"""`make run` as a whole, in a copy of the checkout: starts, says where and as whom, refuses a second, stops clean, starts again quickly."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.postgres_home import memory_folders
from app.processes import CHECKOUT

ROLES = {"client", "therapist", "verifier", "matchmaker", "safety_responder", "admin"}
SHIPPED = ("wsgi.py", "gunicorn.conf.py", "requirements.txt", "platform", "migrations")


@pytest.fixture
def copy() -> Iterator[Path]:
    top = Path(tempfile.mkdtemp(prefix="attune copy ", dir=next(iter(memory_folders()), None)))
    top.chmod(0o755)
    for name in SHIPPED:
        source = CHECKOUT / name
        if source.is_dir():
            shutil.copytree(source, top / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, top / name)
    yield top
    shutil.rmtree(top)


def start(copy: Path, port: int) -> subprocess.Popen[str]:
    told = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    command = [sys.executable, "wsgi.py", "run"]
    return subprocess.Popen(command, cwd=copy, env=told | {"PORT": str(port)}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def read_until(process: subprocess.Popen[str], mark: str) -> str:
    assert process.stdout
    said = ""
    for line in process.stdout:
        said += line
        if mark in line:
            return said
    raise AssertionError(f"it ended without saying {mark!r}:\n{said}")


def get(address: str) -> bytes:
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(address, timeout=10) as answer:
        return bytes(answer.read())


def stop(process: subprocess.Popen[str], how: signal.Signals) -> str:
    process.send_signal(how)
    said, _ = process.communicate(timeout=30)
    assert process.returncode == 0, said
    return said


def processes_of(copy: Path) -> list[str]:
    """Command lines of whatever still works in the copy."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink().is_relative_to(copy):
                found.append((entry / "cmdline").read_text().replace("\0", " "))
        except OSError:
            continue
    return found


def test_the_whole_of_a_development_machine(copy: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        running = start(copy, port)
        said = read_until(running, "Ctrl-C stops it")
    assert "the first time" in said
    assert f"Port {port} is taken" in said
    address = next(line.split()[-1] for line in said.splitlines() if "Attune is ready" in line)
    assert {line.split()[0] for line in said.partition("Sign in as")[2].splitlines() if "@" in line} >= ROLES
    state = json.loads(get(f"{address}/health"))
    assert state["migration"] == state["migration_head"]
    assert b"Attune" in get(f"{address}/")

    second = start(copy, port)
    refused, _ = second.communicate(timeout=30)
    assert second.returncode == 1
    assert f"already runs in this folder at {address}" in refused

    stop(running, signal.SIGINT)
    assert processes_of(copy) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(address.rpartition(":")[2])))

    begun = time.monotonic()
    running = start(copy, port)
    said = read_until(running, "Ctrl-C stops it")
    # 5 s is promised for a machine that does nothing else; here the other tests run beside it.
    assert time.monotonic() - begun < 15
    assert "the first time" not in said
    assert "Bringing the tables up to date" not in said
    assert f"http://127.0.0.1:{port}" in said
    stop(running, signal.SIGTERM)
    assert processes_of(copy) == []
