"""`make demo`: the whole story on real processes, and what it says when the story breaks."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from app import demo_journey
from app.demo_stage import Stage
from app.loopback_mail import loopback_mail
from app.processes import CHECKOUT, ProcessEnded


def test_the_main_journey_from_first_answer_to_payout() -> None:
    done = subprocess.run([sys.executable, "wsgi.py", "demo"], cwd=CHECKOUT, capture_output=True, text=True, timeout=180, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    last = json.loads(done.stdout.splitlines()[-1])
    assert last.pop("booking")
    assert last.pop("reasons") >= 5
    # Confirm the address; request, confirmation and cancellation of the talk to both sides; two sessions booked and one cancelled, to both; money back.
    assert last.pop("mails") == 14
    assert last == {
        "first_match": "Pia",
        "screens": 9,
        "states": ["requested", "confirmed", "cancelled"],
        "ics_method": ["REQUEST", "PUBLISH", "CANCEL"],
        # Half of 55.00 goes back; of what a session costs we keep 10 %.
        "money": {"paid": "paid", "receipt": "R-", "refunded": {"amount": 2750, "currency": "GBP"}, "paid_out": {"amount": 4950, "currency": "GBP"}},
    }


def test_a_stage_that_falls_is_told_with_a_status_and_a_last_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def falling() -> Iterator[Stage]:
        raise ProcessEnded("worker", 3)
        yield

    monkeypatch.setattr(demo_journey, "stage_of_a_demonstration", falling)
    assert demo_journey.play() == 1
    lines = capsys.readouterr().out.splitlines()
    assert "This went wrong: worker ended by itself with status 3" in lines
    assert json.loads(lines[-1])["states"] == []


def test_a_server_that_is_not_there_breaks_the_story(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    @contextmanager
    def deserted() -> Iterator[Stage]:
        with loopback_mail() as mail:
            yield Stage("http://127.0.0.1:9", mail, "", "http://127.0.0.1:9", "")

    monkeypatch.setattr(demo_journey, "stage_of_a_demonstration", deserted)
    assert demo_journey.play() == 1
    assert "This went wrong" in capsys.readouterr().out
