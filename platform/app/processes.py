"""The processes of one machine (web, worker) under one supervisor: started, watched, and stopped together.

Each child leads its own process group, so that Ctrl-C reaches the supervisor alone and it decides the order of stopping. A guard holds the
read end of a pipe that only the supervisor keeps open: if the supervisor is killed, the guard stops the groups.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType

CHECKOUT = Path(__file__).resolve().parents[2]
STOP_SECONDS = 12.0

GUARD = """
cat >/dev/null
for group in "$@"; do kill -s TERM -- "-$group" 2>/dev/null; done
sleep 5
for group in "$@"; do kill -s KILL -- "-$group" 2>/dev/null; done
"""

COMMANDS = """
import json, sys
import click
from flask.cli import ScriptInfo
from wsgi import app
for command in json.loads(sys.argv[1]):
    try:
        with app.app_context():
            app.cli.main(command, "flask", standalone_mode=False, obj=ScriptInfo(create_app=lambda: app))
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
"""


class ProcessEnded(RuntimeError):
    """A process that should keep running has ended."""

    def __init__(self, name: str, status: int) -> None:
        super().__init__(f"{name} ended by itself with status {status}")


class Processes:
    """A context: whatever was started in it has stopped when it is left."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._guard: subprocess.Popen[bytes] | None = None
        self._pipe: int | None = None

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str], *, keep: Sequence[int] = (), log: Path | None = None) -> None:
        """Start one process in the checkout. `keep` are file descriptors it inherits; its output goes to ours or to `log`."""
        output = None if log is None else log.open("ab")
        try:
            self._running[name] = subprocess.Popen(
                list(command),
                cwd=CHECKOUT,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output and subprocess.STDOUT,
                pass_fds=tuple(keep),
                process_group=0,
            )
        finally:
            if output:
                output.close()
        self._renew_guard()

    def check(self) -> None:
        """Refuses with ProcessEnded when one of them is not running any more."""
        for name, process in self._running.items():
            status = process.poll()
            if status is not None:
                raise ProcessEnded(name, status)

    def stop(self) -> None:
        """Ask all to stop, wait, and kill what has not gone after STOP_SECONDS."""
        for process in self._running.values():
            _signal_group(process, signal.SIGTERM)
        give_up = time.monotonic() + STOP_SECONDS
        for process in self._running.values():
            try:
                process.wait(timeout=max(0.0, give_up - time.monotonic()))
            except subprocess.TimeoutExpired:
                _signal_group(process, signal.SIGKILL)
                process.wait()
        self._running.clear()
        self._drop_guard()

    def _renew_guard(self) -> None:
        previous, previous_pipe = self._guard, self._pipe
        read, self._pipe = os.pipe()
        try:
            groups = [str(process.pid) for process in self._running.values()]
            self._guard = subprocess.Popen(["/bin/sh", "-c", GUARD, "sh", *groups], stdin=read, cwd="/", process_group=0)
        finally:
            os.close(read)
        _end_guard(previous, previous_pipe)

    def _drop_guard(self) -> None:
        _end_guard(self._guard, self._pipe)
        self._guard = self._pipe = None


def listening_socket(port: int) -> tuple[socket.socket, int]:
    """A socket on 127.0.0.1 that already listens, and its port: `port`, or a free one when somebody else has it.
    The web process inherits it, so nobody can take the port between the choice and the start."""
    for wanted in (port, 0):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            found.bind(("127.0.0.1", wanted))
            found.listen(2048)
        except OSError:
            found.close()
            continue
        return found, int(found.getsockname()[1])
    message = "No port on 127.0.0.1 can be opened."
    raise OSError(message)


def start_web(processes: Processes, listening: socket.socket, environment: Mapping[str, str], *, log: Path | None = None) -> None:
    """Start the web process on an already listening socket; the caller closes its own copy."""
    # Nobody waits half a minute for Ctrl-C on their own machine.
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--graceful-timeout", "5", "wsgi:app"]
    processes.start("web", command, environment, keep=[listening.fileno()], log=log)


def start_worker(processes: Processes, environment: Mapping[str, str], *, log: Path | None = None) -> None:
    """Start the process that runs jobs."""
    processes.start("worker", [sys.executable, "-m", "flask", "--app", "wsgi", "work"], environment, log=log)


def start_payment_sandbox(processes: Processes, listening: socket.socket, environment: Mapping[str, str], *, state: Path, log: Path | None = None) -> None:
    """Start what stands in for the payment processor, on an already listening socket; its webhooks go to the web process of `environment`."""
    told = ["--listening", str(listening.fileno()), "--deliver-to", f"{environment['BASE_URL']}/webhooks/stripe", "--state", str(state)]
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "payment-sandbox", *told]
    processes.start("payment sandbox", command, environment, keep=[listening.fileno()], log=log)


def wait_until_healthy(processes: Processes, address: str, *, seconds: float = 60) -> None:
    """Returns when `address`/health answers 200. Refuses with ProcessEnded, or TimeoutError with the last answer."""
    # No proxy of the environment stands between us and our own machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    give_up = time.monotonic() + seconds
    said = "nothing"
    while time.monotonic() < give_up:
        processes.check()
        try:
            with opener.open(f"{address}/health", timeout=5):
                return
        except urllib.error.HTTPError as error:
            said = f"{error.code}: {error.read(2000).decode(errors='replace')}"
        except OSError as error:
            said = str(error)
        time.sleep(0.1)
    message = f"{address}/health did not become healthy within {seconds:.0f} s; it last said {said}"
    raise TimeoutError(message)


def flask_commands(environment: Mapping[str, str], *commands: Sequence[str]) -> str:
    """Run `flask --app wsgi ...` commands one after the other and return what they printed. One process does them all: making the
    application takes longer than most commands. Refuses with CalledProcessError at the first that fails."""
    command = [sys.executable, "-c", COMMANDS, json.dumps(commands)]
    done = subprocess.run(command, cwd=CHECKOUT, env=dict(environment), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True)
    return done.stdout


def prepare_database(environment: Mapping[str, str]) -> list[dict[str, str]]:
    """Tables up to date, demonstration data in an empty database; returns its accounts: role, email, password."""
    printed = flask_commands(environment, ["db", "upgrade"], ["demo-data", "--if-empty"], ["demo-data", "--sign-ins"])
    found = json.loads(printed.strip().splitlines()[-1])
    return [{key: str(one[key]) for key in ("role", "email", "password")} for one in found]


def _signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, number)


def _end_guard(guard: subprocess.Popen[bytes] | None, pipe: int | None) -> None:
    # Killed before its pipe closes: it must not signal groups that have ended or that another guard now has.
    if guard is not None:
        _signal_group(guard, signal.SIGKILL)
        guard.wait()
    if pipe is not None:
        os.close(pipe)
