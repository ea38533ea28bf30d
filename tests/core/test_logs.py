"""R83: in production every line is JSON in UTC, and says nothing that anybody wrote."""

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

from core import logs
from tests.app.test_settings import GOOD

CANARY = "quokka-7f3a"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def lines() -> Iterator[Any]:
    """Configures logging as in production, and puts everything back."""
    root, server = logging.getLogger(), logging.getLogger("gunicorn.error")
    before = root.handlers[:], root.level, server.handlers[:], server.propagate
    stream = io.StringIO()
    logs.configure(as_json=True, stream=stream)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers, root.level, server.handlers, server.propagate = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def fail() -> None:
    try:
        raise KeyError(CANARY)
    except KeyError as error:
        raise ValueError(f"Key (email)=({CANARY}@example.org) already exists.") from error


def test_R83_a_line_is_json_with_an_instant_in_utc(lines: Any):
    structlog.get_logger().warning("notice_not_delivered", notice=7)
    (line,) = lines()
    assert (line["event"], line["level"], line["notice"]) == ("notice_not_delivered", "warning", 7)
    assert line["timestamp"].endswith("Z")


def test_R83_an_exception_keeps_its_type_and_its_way_and_loses_its_words(lines: Any):
    for log in (structlog.get_logger().exception, logging.getLogger("procrastinate.worker").exception):
        try:
            fail()
        except ValueError:
            log("job_failed")
    assert [(line["event"], line["error"]) for line in lines()] == [("job_failed", "ValueError")] * 2
    assert all(line["where"].startswith("test_logs.py:") for line in lines())
    assert CANARY not in json.dumps(lines())


def test_R83_a_line_break_in_a_value_forges_no_line(lines: Any):
    structlog.get_logger().error("x", code='a\n{"event": "forged"}\u2028')
    logging.getLogger("some.library").warning('b\n{"event": "forged"}')
    assert [line["event"][0] for line in lines()] == ["x", "b"]


def test_R83_libraries_are_silent_below_a_warning(lines: Any):
    logging.getLogger("sqlalchemy.engine").info("INSERT ... %s", CANARY)
    assert lines() == []


def test_R83_the_server_does_not_repeat_what_it_could_not_read(lines: Any):
    logging.getLogger("gunicorn.error").warning(f"Invalid request from ip=192.0.2.7: Invalid HTTP request line: 'GET /{CANARY}'")
    assert [line["event"] for line in lines()] == ["unreadable_request"]


def test_R83_a_production_process_logs_this_way():
    script = f"""
import logging, structlog
from wsgi import app
from core.db import db
with app.app_context():
    assert db.engine.hide_parameters
structlog.get_logger().error("one", id=1)
try:
    raise ValueError("{CANARY}")
except ValueError:
    logging.getLogger("procrastinate").exception("two")
    app.logger.exception("three")
import warnings
warnings.warn("four")
"""
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=dict(GOOD), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"][:5] for line in lines[:3]] == ["one", "two", "three"]
    assert len(lines) == 4
    assert CANARY not in done.stderr + done.stdout
