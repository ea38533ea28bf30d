"""A worker that nobody told to stop has failed, and its exit status says so: whoever watches it starts it again."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from app.embedded import throwaway
from app.local_environment import Database, environment_of
from app.processes import CHECKOUT, flask_commands

WORKER = [sys.executable, "-m", "flask", "--app", "wsgi", "work"]


def test_a_worker_that_is_told_to_stop_succeeds_and_one_that_loses_its_database_fails(tmp_path: Path) -> None:
    with throwaway() as cluster:
        environment = environment_of(Database(cluster.app_url, cluster.owner_url, cluster.app_url, cluster), "http://127.0.0.1:1", var=tmp_path)
        flask_commands(environment, ["db", "upgrade"])
        told, left = (subprocess.Popen(WORKER, cwd=CHECKOUT, env=environment, stderr=subprocess.DEVNULL, process_group=0) for _ in range(2))
        try:
            give_up = time.monotonic() + 60
            while cluster.ask("SELECT count(*) FROM procrastinate_workers") != "2":
                assert time.monotonic() < give_up, "the workers did not start"
                time.sleep(0.2)
            told.send_signal(signal.SIGTERM)
            assert told.wait(timeout=30) == 0
            cluster.stop()
            assert left.wait(timeout=60) not in (0, -signal.SIGTERM)
        finally:
            for each in (told, left):
                if each.poll() is None:
                    os.killpg(each.pid, signal.SIGKILL)
                each.wait()
