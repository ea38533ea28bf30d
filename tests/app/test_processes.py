"""Children under one supervisor: they stop with it, however it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app import processes
from app.processes import ProcessEnded, Processes, listening_socket, wait_until_healthy

SOURCES = Path(processes.__file__).resolve().parents[1]
SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
STUBBORN = [sys.executable, "-c", "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"]


def running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def within(seconds: float, question: Callable[[], bool]) -> bool:
    give_up = time.monotonic() + seconds
    while time.monotonic() < give_up:
        if question():
            return True
        time.sleep(0.05)
    return False


def pid_of(children: Processes, name: str) -> int:
    return children._running[name].pid


needs_proc = pytest.mark.skipif(not Path("/proc/self").exists(), reason="reads /proc")


@needs_proc
def test_leaving_the_context_stops_every_child() -> None:
    with Processes() as children:
        children.start("one", SLEEP, os.environ)
        children.start("two", SLEEP, os.environ)
        pids = [pid_of(children, "one"), pid_of(children, "two")]
        children.check()
        assert all(running(pid) for pid in pids)
    assert not any(running(pid) for pid in pids)


@needs_proc
def test_a_child_that_does_not_listen_is_killed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "STOP_SECONDS", 0.3)
    log = tmp_path / "log"
    with Processes() as children:
        children.start("stubborn", STUBBORN, os.environ, log=log)
        assert within(10, lambda: log.read_text() == "up\n")
        pid = pid_of(children, "stubborn")
    assert not running(pid)


def test_a_child_that_ends_by_itself_is_noticed_with_its_status() -> None:
    with Processes() as children:
        children.start("short", [sys.executable, "-c", "raise SystemExit(7)"], os.environ)
        children._running["short"].wait()
        with pytest.raises(ProcessEnded, match="short ended by itself with status 7"):
            children.check()


@needs_proc
def test_children_stop_when_their_supervisor_is_killed() -> None:
    code = f"""
import os, time
from app.processes import Processes
with Processes() as children:
    children.start("one", {SLEEP!r}, os.environ)
    children.start("two", {SLEEP!r}, os.environ)
    print(*(child.pid for child in children._running.values()), flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": str(SOURCES)}, stdout=subprocess.PIPE, text=True) as supervisor:
        assert supervisor.stdout
        pids = [int(word) for word in supervisor.stdout.readline().split()]
        assert len(pids) == 2
        assert all(running(pid) for pid in pids)
        supervisor.kill()
        assert within(5, lambda: not any(running(pid) for pid in pids))


@needs_proc
def test_an_interrupt_from_the_terminal_reaches_only_the_supervisor() -> None:
    with Processes() as children:
        children.start("one", SLEEP, os.environ)
        assert os.getpgid(pid_of(children, "one")) == pid_of(children, "one") != os.getpgid(os.getpid())


def test_a_taken_port_is_answered_with_a_free_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        listening, found = listening_socket(port)
        with listening:
            assert found not in (port, 0)
            socket.create_connection(("127.0.0.1", found)).close()


def test_a_free_port_is_taken_as_asked() -> None:
    first, port = listening_socket(0)
    first.close()
    listening, found = listening_socket(port)
    listening.close()
    assert found == port


class _SlowToRise(BaseHTTPRequestHandler):
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        self.send_response(200 if self.path == "/health" and self.asked > 2 else 503)
        self.end_headers()
        self.wfile.write(json.dumps({"asked": self.asked}).encode())

    def log_message(self, *_: object) -> None:
        """Quiet."""


def test_waiting_for_health_goes_on_until_it_answers_200(monkeypatch: pytest.MonkeyPatch) -> None:
    # A proxy that the environment names must not be asked about our own machine.
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    _SlowToRise.asked = 0
    with HTTPServer(("127.0.0.1", 0), _SlowToRise) as server, Processes() as children:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            wait_until_healthy(children, f"http://127.0.0.1:{server.server_port}", seconds=10)
        finally:
            server.shutdown()
    assert _SlowToRise.asked == 3


def test_waiting_for_health_ends_with_what_was_last_said() -> None:
    _SlowToRise.asked = -1000
    with HTTPServer(("127.0.0.1", 0), _SlowToRise) as server, Processes() as children:
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        try:
            with pytest.raises(TimeoutError, match="503"):
                wait_until_healthy(children, f"http://127.0.0.1:{server.server_port}", seconds=0.5)
        finally:
            server.shutdown()


def test_waiting_for_health_ends_at_once_when_a_process_has_ended() -> None:
    with Processes() as children:
        children.start("web", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)
        begun = time.monotonic()
        with pytest.raises(ProcessEnded, match="web"):
            wait_until_healthy(children, "http://127.0.0.1:9", seconds=30)
    assert time.monotonic() - begun < 10


@needs_proc
def test_stopping_signals_the_whole_group_of_a_child() -> None:
    code = "import subprocess, sys, time; print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid, flush=True); time.sleep(60)"
    read, write = os.pipe()
    with os.fdopen(read) as told:
        with Processes() as children:
            children.start("parent", [sys.executable, "-c", f"import os; os.dup2({write}, 1)\n{code}"], os.environ, keep=[write])
            os.close(write)
            grandchild = int(told.readline())
            assert running(grandchild)
        assert within(5, lambda: not running(grandchild))


def test_a_stopped_one_can_be_signalled_again_without_harm() -> None:
    with Processes() as children:
        children.start("short", [sys.executable, "-c", "pass"], os.environ)
        child = children._running["short"]
        child.wait()
        processes._signal_group(child, signal.SIGTERM)
